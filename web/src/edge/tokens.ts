/** Tokens of the file host, one for each request: asked for on the connection, which answers in order. */

import type { Input, Output } from "../state/input.ts";

export type Token = Extract<Output, { kind: "token" }>;

export class Tokens {
  readonly #tell: (input: Input) => void;
  #waiting: ((token: Token) => void)[] = [];

  constructor(tell: (input: Input) => void) {
    this.#tell = tell;
  }

  ask(): Promise<Token> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tell({ kind: "askToken" });
    });
  }

  /** Takes the answer to the oldest question. */
  take(token: Token): void {
    this.#waiting.shift()?.(token);
  }

  /** The connection is gone, and with it all answers. */
  disconnected(): void {
    for (const answer of this.#waiting.splice(0)) answer({ kind: "token", token: "", code: "OFFLINE" });
  }
}
