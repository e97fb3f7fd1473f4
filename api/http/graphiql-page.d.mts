/** What api/http/graphiql-page.mjs exports, for its test; in the page it runs without imports and exports. */
export declare const placeholder: string;

export type Tokens = {
  set(token: string | undefined): void;
  shown(text: string): string;
  sent(text: string): string;
  stored(text: string): string;
  onChange(listener: () => void): void;
};
export type PageSession = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt?: string;
  readonly refreshToken?: string;
};
type Prototype<Method extends string> = {
  readonly prototype: { [M in Method]: (...given: never[]) => unknown };
};

export declare function createTokens(): Tokens;
export declare function useTokens(
  page: {
    fetch: (to: string, init?: RequestInit) => Promise<Response>;
    readonly WebSocket: Prototype<'send'>;
    readonly Storage: Prototype<'setItem'>;
    readonly history: { replaceState(...given: unknown[]): void };
  },
  tokens: Tokens,
  onSession: (session: PageSession) => void,
): void;
export declare function createSignIn(parts: {
  ask(operation: { readonly query: string; readonly variables: object }): Promise<unknown>;
  readonly tokens: Tokens;
  readonly devices: { get(handle: string): string | undefined; set(handle: string, id: string): void };
  schedule(task: () => Promise<void>, ms: number): () => void;
  onStatus(text: string): void;
}): {
  take(session: PageSession): void;
  as(person: { readonly handle: string; readonly password: string }): Promise<void>;
};
export declare function showInEditors(
  monaco: {
    readonly editor: {
      onDidCreateModel(listener: (model: PageModel) => void): void;
      getModels(): readonly PageModel[];
    };
  },
  tokens: Tokens,
): void;
export type PageModel = {
  readonly uri: { readonly path: string };
  getValue(): string;
  setValue(text: string): void;
  onDidChangeContent(listener: () => void): void;
};
