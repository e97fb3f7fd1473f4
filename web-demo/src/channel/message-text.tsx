import { useState } from 'react';
import { harmless, isLong, isOnlyEmoji, piecesOf } from './links.ts';
import './message-text.css';

/** What somebody wrote, as text: nothing of it is markup, and only `http(s)` addresses become links. */
export function MessageText({ text }: { readonly text: string }) {
  const [isOpen, open] = useState(false);
  const shown = harmless(text);
  if (isOnlyEmoji(shown))
    return (
      <p className="message-text message-text--emoji" dir="auto">
        {shown.trim()}
      </p>
    );
  const isFolded = !isOpen && isLong(shown);
  return (
    <>
      <p className={`message-text${isFolded ? ' message-text--folded' : ''}`} dir="auto">
        <Pieces text={shown} />
      </p>
      {isFolded && (
        <button className="message-text__more" type="button" onClick={() => open(true)}>
          Show all
        </button>
      )}
    </>
  );
}

function Pieces({ text }: { readonly text: string }) {
  let at = 0;
  return piecesOf(text).map((piece) => {
    at += piece.text.length;
    if (piece.kind === 'text') return piece.text;
    return (
      <bdi key={at}>
        <a
          className="message-text__link"
          href={piece.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
        >
          {piece.text}
        </a>
      </bdi>
    );
  });
}
