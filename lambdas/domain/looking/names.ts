/** Search names: in both languages and in the source's spelling. */
import { type TerritoryCode, territories, territoryOf } from '../core/place/territory.ts'
import { folded } from '../core/text/spelling.ts'
import type { Detection } from '../detection/detection.ts'
import { otherSpellings } from '../detection/names/aliases.ts'
import { betweenNames, namesInBoth } from '../detection/names/known-names.ts'

/** All names of one thing, folded, each after a space. */
type Names = readonly string[]

const begun = (name: string): string => ` ${folded(name)}`

type NamedKind = 'actor' | 'campaign'

const made = new Map<NamedKind, { readonly all: readonly Names[]; readonly byName: ReadonlyMap<string, Names> }>()

/** Loads known aliases on first use. */
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

const withOthers = (kind: NamedKind, name: string): readonly string[] => [
  name,
  ...name.split(betweenNames).flatMap((part) => known(kind).byName.get(begun(part)) ?? []),
]

export const namesShown = ({ campaign, actor, event, territories: placed, reported }: Detection): readonly string[] => [
  ...(campaign === undefined ? [] : withOthers('campaign', campaign)),
  ...(actor ? valuesOf(actor.name).flatMap((name) => withOthers('actor', name)) : []),
  ...valuesOf(event?.place),
  ...placed.flatMap(({ code, via }) => [...Object.values(territoryOf(code).name), ...(via === undefined ? [] : [via])]),
  ...[reported?.campaign, reported?.actor, ...(reported?.territories ?? [])].filter((name) => name !== undefined),
]

const valuesOf = (name: string | Readonly<Record<string, string>> | undefined): readonly string[] =>
  typeof name === 'string' ? [name] : Object.values(name ?? {})

/** Tests raw JSON for aliases that it does not contain: false only if none has the word. */
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

const maxRemembered = 10_000

/** Uses the names in the JSON; true where one cannot be read this way, such as a bilingual name. */
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
