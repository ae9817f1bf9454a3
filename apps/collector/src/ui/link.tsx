import type { ComponentChildren } from "preact";

export type Go = (path: string) => void;

/** A link within these pages: it changes the page without loading it, and opens in a new tab like any other. */
export function Link({
  to,
  go,
  current,
  class: className,
  children,
}: {
  to: string;
  go: Go;
  current?: boolean;
  class?: string;
  children: ComponentChildren;
}) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to === "" ? "./" : to} onClick={follow} aria-current={current === true ? "page" : undefined} class={className}>
      {children}
    </a>
  );
}
