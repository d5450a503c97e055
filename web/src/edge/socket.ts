/** The WebSocket: lines out, lines in. Spec: IRCv3 websocket. */

export interface Connection {
  send(line: string): void;
  /** Nothing comes from it any more, not even its end. */
  close(): void;
}

interface Listener {
  opened(): void;
  lines(lines: readonly string[]): void;
  closed(reason: string): void;
}

/** Lines that come within this time are taken together: one change of the page for many messages. */
const GATHER_MS = 16;
/** A connection that is not open by then never will be. */
const OPEN_MS = 15_000;

/** Where the server is: this page's own, unless whoever serves the page has named another. */
export function address(named: string, page: Location): string {
  if (named !== "") return named;
  return `${page.protocol === "https:" ? "wss" : "ws"}://${page.host}/irc`;
}

/**
 * Gives what connects to a server, again and again. Browsers refuse a server that answers nothing to the kinds of messages
 * that were asked for, and some IRC servers are older than those: every second attempt asks for none.
 */
export function connector(to: string): (listener: Listener) => Connection {
  let asksForKind = true;
  return (listener) =>
    open(new WebSocket(to, asksForKind ? ["text.ircv3.net", "binary.ircv3.net"] : []), {
      ...listener,
      failed: () => {
        asksForKind = !asksForKind;
      },
    });
}

function open(socket: WebSocket, listener: Listener & { failed(): void }): Connection {
  socket.binaryType = "arraybuffer";
  const decoder = new TextDecoder();
  let gathered: string[] = [];
  let gathering: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  let isOpen = false;

  const flush = (): void => {
    clearTimeout(gathering);
    gathering = undefined;
    const lines = gathered;
    gathered = [];
    if (lines.length > 0 && !isOver) listener.lines(lines);
  };
  const end = (reason: string): void => {
    flush();
    clearTimeout(opening);
    if (!isOpen) listener.failed();
    if (!isOver) listener.closed(reason);
    isOver = true;
  };
  const opening = setTimeout(() => socket.close(), OPEN_MS);

  socket.onopen = () => {
    clearTimeout(opening);
    isOpen = true;
    if (!isOver) listener.opened();
  };
  socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
    gathered.push(typeof event.data === "string" ? event.data : decoder.decode(event.data));
    gathering ??= setTimeout(flush, GATHER_MS);
  };
  socket.onclose = (event) => end(event.reason);

  return {
    send(line) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(socket.protocol === "binary.ircv3.net" ? new TextEncoder().encode(line) : line);
    },
    close() {
      isOver = true;
      clearTimeout(gathering);
      clearTimeout(opening);
      socket.close();
    },
  };
}
