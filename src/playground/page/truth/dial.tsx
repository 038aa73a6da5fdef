/** What is left, as a shrinking slice of a face of five minutes, an hour or eight hours. */
import { useState } from 'react';

const FACES_MS = [300_000, 3_600_000, 28_800_000];

export function Dial({ left }: { left: number }) {
  // As it was when first seen: a face that changed would make the slice grow.
  const [first] = useState(left);
  const face = FACES_MS.find((each) => first <= each + 1000) ?? first;
  const share = Math.min(1, Math.max(0, left / face)) * 60;
  return (
    <svg
      className={left < 60_000 ? 'dial dial-late' : 'dial'}
      viewBox="0 0 32 32"
      aria-hidden="true"
      focusable="false"
    >
      <circle className="dial-face" cx="16" cy="16" r="15" />
      <circle
        className="dial-left"
        cx="16"
        cy="16"
        r="6.5"
        pathLength="60"
        strokeDasharray={`${share} 60`}
        transform="rotate(-90 16 16)"
      />
    </svg>
  );
}
