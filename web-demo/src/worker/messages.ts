/** What the worker says to the windows. */
export type ToWindow =
  /** Whose window is it, and what is open in it? The answer goes through the port that comes with it. */
  | { readonly kind: 'where' }
  | { readonly kind: 'open'; readonly channelId: string }
  /** The browser has another place at which it is woken. */
  | { readonly kind: 'endpointChanged' };

/** What a window answers. */
export type Whereabouts = {
  readonly viewerId: string;
  readonly channelId: string | undefined;
  readonly isVisible: boolean;
};
