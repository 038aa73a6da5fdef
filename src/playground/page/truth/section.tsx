/** A part of the right side: a heading, at its right what is to know at once. */
import { type ReactNode, useId } from 'react';

export function Section({
  title,
  aside,
  className = '',
  children,
}: {
  title: string;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`fact ${className}`} aria-labelledby={id}>
      <div className="fact-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
