// What of a browser's a server has as well, as far as the package's types speak of it; `@types/node` declares them.

interface AbortSignal {
  readonly aborted: boolean;
}
declare class Headers {
  constructor(fields?: [string, string][] | Record<string, string>);
}
declare class URL {
  readonly href: string;
}
