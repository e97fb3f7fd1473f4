import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../index.ts';
import { schemaReferenceOf } from '../schema-reference.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/schema.md'), 'utf8');

const small = `
  "Everything that can be read."
  type Query { "One animal." animal("Its name." name: String! = "Rex", "Where." in: [Place!]): Animal }
  "Something alive."
  interface Animal { "What it is called." name: String! }
  "A dog."
  type Dog implements Animal {
    name: String!
    "How loud." volume: Int @deprecated(reason: "2027-01-01: use \`name\`.")
  }
  "Where it is."
  input Place @oneOf { "By address." address: String "By number." number: Int = 3 }
  "What was found."
  union Found = Dog
  "How it feels."
  enum Mood { "Well." GOOD BAD @deprecated(reason: "2027-01-01: be well.") }
  "A moment."
  scalar Moment @specifiedBy(url: "https://example.org/moment")
  type Mutation { "Finds." find(mood: Mood, at: Moment): Found }`;

describe('docs/schema.md', () => {
  it('is printed from the schema that runs (npm run schema:print)', () => {
    expect(page).toBe(schemaReferenceOf(schema));
  });

  it('describes every type once, and every link on it leads somewhere', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    expect(new Set(headings).size).toBe(headings.length);
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((anchor) => anchor === undefined || !headings.includes(anchor))).toEqual([]);
  });
});

describe('the reference of a schema', () => {
  const text = schemaReferenceOf(buildSchema(small));

  it('has the types by kind, what is asked first', () => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      ...['What can be asked', 'Objects', 'Interfaces', 'Unions', 'Inputs', 'Enums', 'Scalars'],
    ]);
    expect(text.match(/^### .+$/gm)?.slice(0, 3)).toEqual(['### Query', '### Mutation', '### Dog']);
  });

  it.each([
    ['a field with its type', '- `animal` [Animal](#animal) · One animal.'],
    ['an argument with its default', '  - `name` String! = `"Rex"` · Its name.'],
    ['a list in a list of arguments', '  - `in` \\[[Place](#place)!\\] · Where.'],
    ['a deprecation', '- `volume` Int · How loud. **Deprecated:** 2027-01-01: use `name`.'],
    ['interfaces', 'Implements [Animal](#animal).'],
    ['what an interface can be', 'Can be [Dog](#dog).'],
    ['what a union can be', 'One of [Dog](#dog).'],
    ['that one of some is to be given', 'Exactly one of these:'],
    ['a field of an input with its default', '- `number` Int = `3` · By number.'],
    ['a value of an enum', '- `GOOD` · Well.'],
    ['a value without words', '- `BAD` · **Deprecated:** 2027-01-01: be well.'],
    ['where a scalar is specified', 'Specified at <https://example.org/moment>.'],
  ])('shows %s', (_, line) => {
    expect(text.split('\n')).toContain(line);
  });
});
