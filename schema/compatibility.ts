import { buildSchema, findBreakingChanges, findDangerousChanges, parse, print, visit } from 'graphql';

/** A schema that clients may rely on, and what is about to take its place. */
export type Step = {
  /** The text of `schema/test/published.graphql`. */
  readonly published: string;
  /** The schema of now, as SDL. */
  readonly current: string;
  /** The level of now: it grows with the first change after a publication. */
  readonly featureLevel: number;
  /** The text of `CHANGELOG.md`. */
  readonly changelog: string;
};
export type Compatibility = {
  /** What must not be, in words. Empty when all is well. */
  readonly problems: readonly string[];
  /** What old clients survive, but may notice: worth a line in the changelog. */
  readonly notices: readonly string[];
};

const levelLine = /^# Published as feature level (\d+)\.$/m;
/** What is kept as published: the SDL under a line that says at which level. */
export const asPublished = (sdl: string, featureLevel: number) =>
  `# Published as feature level ${featureLevel}.\n# Written by \`npm run schema:publish\`, never by hand: it is what clients out there rely on.\n\n${sdl}`;

/** Text without descriptions: rewording one changes nothing for a program. */
const shapeOf = (sdl: string) =>
  print(
    visit(parse(sdl, { noLocation: true }), {
      enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
    }),
  );

type Section = { readonly level: number; readonly acknowledged: readonly string[] };
/** A section of the changelog begins with `## 0.2.0 · feature level 2`; in it, `- Breaking: …` acknowledges one break. */
const sectionsOf = (changelog: string): readonly Section[] =>
  changelog.split(/^## /m).flatMap((section) => {
    const level = /^.*\bfeature level (\d+)\b/.exec(section)?.[1];
    const acknowledged = [...section.matchAll(/^- Breaking: (.+)$/gm)].flatMap((match) => match[1] ?? []);
    return level === undefined ? [] : [{ level: Number(level), acknowledged }];
  });

const described = ({ description }: { readonly description: string }) => description;
/** Int is no type of ours: nobody misses it when the last field with it is gone, and that field is listed. */
const isOurs = (description: string) => !description.startsWith('Standard scalar ');

/** Whether clients of the published schema can live with the schema of now, or at least have been told. */
export function compatibilityOf({ published, current, featureLevel, changelog }: Step): Compatibility {
  const level = Number(levelLine.exec(published)?.[1]);
  if (Number.isNaN(level)) return { problems: ['The published schema does not say its level.'], notices: [] };
  const [before, after] = [buildSchema(published), buildSchema(current)];
  const breaks = findBreakingChanges(before, after).map(described).filter(isOurs);
  const sections = sectionsOf(changelog);
  const told = sections.filter((section) => section.level > level).flatMap((section) => section.acknowledged);
  const problems: string[] = [];
  if (featureLevel < level) problems.push(`Feature level ${level} has been published: it cannot sink.`);
  if (featureLevel === level && shapeOf(published) !== shapeOf(current))
    problems.push(`The schema has changed since level ${level}: raise it in schema/server/version.ts.`);
  if (!sections.some((section) => section.level === featureLevel))
    problems.push(`CHANGELOG.md has no section for feature level ${featureLevel}.`);
  for (const broken of breaks.filter((found) => !told.includes(found)))
    problems.push(
      `Breaks clients: ${broken} Deprecate instead, or say in CHANGELOG.md: \`- Breaking: ${broken}\``,
    );
  for (const stale of told.filter((found) => !breaks.includes(found)))
    problems.push(`CHANGELOG.md speaks of a break that is none: ${stale}`);
  return { problems, notices: findDangerousChanges(before, after).map(described) };
}
