/** The shape of a conversation before the first word of it is here. */
export function ChatBones() {
  return (
    <div className="bones chat-bones" aria-hidden="true">
      <span className="bone bone-header" />
      <div className="chat-bones-messages">
        {['a', 'b', 'c'].map((key) => (
          <div key={key} className="bone-message">
            <span className="bone bone-face" />
            <span className="bone bone-line" />
            <span className="bone bone-line bone-short" />
          </div>
        ))}
      </div>
      <span className="bone bone-composer" />
    </div>
  );
}
