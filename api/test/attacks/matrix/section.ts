import type { Cast, Scene, SceneKind } from './cast.ts';
import type { Rights, Role } from './roles.ts';

/** What a document of a cell is written from. */
export type Place = { readonly cast: Cast; readonly scene: Scene; readonly role: Role };

/** A part of the table: one type, met in one way, with the rights to all of its fields. */
export type Section = {
  /** The type whose fields these are. */
  readonly type: string;
  /** Told apart by how it is met, when there are several of one type. */
  readonly met?: string;
  /** The document that leads to it, around the cells. */
  readonly document: (cells: string, place: Place) => string;
  /** Names of fields, separated by blanks, and who gets them. Every field of the type has exactly one line. */
  readonly fields: Readonly<Record<string, Rights>>;
  /** What has to happen while somebody listens, for there to be anything. Then nobody waits for more than what comes of that. */
  readonly happening?: (place: Place) => Promise<unknown>;
  /** `eventful` when not said. */
  readonly scene?: Exclude<SceneKind, 'fresh'>;
};

/** A mutation, tried once by every role. Of its payload, everything is `given` to whom it is `done` for, but for `except`. */
export type Attempt = {
  readonly mutation: string;
  /** Told apart by what is tried, when there are several of one mutation. */
  readonly of?: string;
  readonly input: (place: Place) => object;
  readonly rights: Rights;
  /** Names of the payload's fields, separated by blanks. */
  readonly payload: string;
  readonly except?: Readonly<Record<string, 'null' | 'empty'>>;
};

export const titleOf = ({ type, met }: Section): string => (met === undefined ? type : `${type}, ${met}`);
export const attemptTitle = ({ mutation, of }: Attempt): string =>
  of === undefined ? mutation : `${mutation}, ${of}`;
export const namesIn = (line: string): string[] => line.split(/\s+/).filter(Boolean);
