/** The names by which a reader knows what a detection names: in both languages, and as its source wrote them. */
import { type TerritoryCode, territories, territoryOf } from '../core/place/territory.ts'
import { folded } from '../core/text/spelling.ts'
import type { Detection } from '../detection/detection.ts'
import { otherSpellings } from '../detection/names/aliases.ts'
import { betweenNames, namesInBoth } from '../detection/names/known-names.ts'

/** All names of one thing, folded, each after a space as a word begins. */
type Names = readonly string[]

const begun = (name: string): string => ` ${folded(name)}`

type NamedKind = 'actor' | 'campaign'

const made = new Map<NamedKind, { readonly all: readonly Names[]; readonly byName: ReadonlyMap<string, Names> }>()

/** What Vigie knows other names of; read when it is first asked for. */
const known = (kind: NamedKind) => {
  const before = made.get(kind)
  if (before) return before
  const written =
    kind === 'campaign'
      ? otherSpellings('campaigns')
      : [...namesInBoth().map((one) => Object.values(one)), ...otherSpellings('actors'), ...otherSpellings('countries')]
  const all = written.map((names) => [...new Set(names.map(begun))])
  const byName = new Map<string, Names>()
  for (const names of all) for (const name of names) byName.set(name, [...(byName.get(name) ?? []), ...names])
  const read = { all, byName }
  made.set(kind, read)
  return read
}

/** A name of one thing or of several, with all others of each. */
const withOthers = (kind: NamedKind, name: string): readonly string[] => [
  name,
  ...name.split(betweenNames).flatMap((part) => known(kind).byName.get(begun(part)) ?? []),
]

/** All names of a detection's campaign, actor and places. */
export const namesShown = ({ campaign, actor, event, territories: placed, reported }: Detection): readonly string[] => [
  ...(campaign === undefined ? [] : withOthers('campaign', campaign)),
  ...(actor ? valuesOf(actor.name).flatMap((name) => withOthers('actor', name)) : []),
  ...valuesOf(event?.place),
  ...placed.flatMap(({ code, via }) => [...Object.values(territoryOf(code).name), ...(via === undefined ? [] : [via])]),
  ...[reported?.campaign, reported?.actor, ...(reported?.territories ?? [])].filter((name) => name !== undefined),
]

const valuesOf = (name: string | Readonly<Record<string, string>> | undefined): readonly string[] =>
  typeof name === 'string' ? [name] : Object.values(name ?? {})

/**
 * Whether a detection, as the text of its JSON, may have a name that holds a folded word and is not in that text: false
 * only where it has none.
 */
export const mayBeNamed = (word: string): ((json: string) => boolean) => {
  const begins = (name: string) => name.includes(` ${word}`)
  const codes = territories
    .filter(({ name }) => Object.values(name).some((one) => begins(begun(one))))
    .map(({ code }) => code)
  const checks = [
    ...(codes.length > 0 ? [placedIn(codes)] : []),
    ...writtenOtherwise('actor', begins),
    ...writtenOtherwise('campaign', begins),
  ]
  return (json) => checks.some((may) => may(json))
}

const placedIn = (codes: readonly TerritoryCode[]): ((json: string) => boolean) => {
  const code = new RegExp(`"(?:${codes.join('|')})\\\\?"`)
  return (json) => code.test(json)
}

/** So many names are remembered with whether they hold it. */
const maxRemembered = 10_000

/** By the names that are written there; where one cannot be read so, as one in two languages, it may be. */
const writtenOtherwise = (
  kind: NamedKind,
  begins: (name: string) => boolean,
): readonly ((json: string) => boolean)[] => {
  const { all, byName } = known(kind)
  if (!all.some((names) => names.some(begins))) return []
  const written = new RegExp(`${kind === 'actor' ? 'name' : kind}(\\\\?)":(?:\\1"([^"\\\\]*)\\1")?`, 'g')
  const held = new Map<string, boolean>()
  const holds = (name: string): boolean => {
    const found = held.get(name) ?? name.split(betweenNames).some((part) => byName.get(begun(part))?.some(begins))
    if (held.size >= maxRemembered) held.clear()
    held.set(name, found)
    return found
  }
  return [
    (json) => {
      const from = json.indexOf(kind)
      if (from < 0) return false
      written.lastIndex = from
      for (let match = written.exec(json); match; match = written.exec(json)) {
        if (match[2] === undefined || holds(match[2])) return true
      }
      return false
    },
  ]
}
