import { canonicalHash, canonicalJson } from '../../core/text/canonical.ts'
import type { Detection, Name } from '../detection.ts'

export type Names = { readonly en: string; readonly fr?: string | undefined }

type Phase = { readonly id: string; readonly names: Names }

/** Ranks run from 1 across all phases. TA numbers give no order. */
export type Tactic = { readonly id: string; readonly rank: number; readonly phase: string; readonly names: Names }

export type Technique = { readonly id: string; readonly tactic: string; readonly names: Names }

/** An id removed from the framework. `gone` has documented successors that were also removed. */
export type Removed = {
  readonly id: string
  readonly name?: string | undefined
  readonly successors: readonly string[]
  readonly gone: readonly string[]
}

export type Taxonomy = {
  readonly framework: 'DISARM'
  readonly version: string
  readonly phases: readonly Phase[]
  readonly tactics: readonly Tactic[]
  readonly techniques: readonly Technique[]
  readonly removed: readonly Removed[]
}

/** The current meaning of a reported id. */
type Current =
  | { readonly state: 'kept' | 'replaced'; readonly current: readonly Technique[] }
  /** Removed, with no documented successor still in use. */
  | { readonly state: 'without equivalent'; readonly gone: readonly string[] }
  /** Not known in any version of the framework. */
  | { readonly state: 'unknown' }

type TechniqueState = Current['state']

/** States of an id without a current technique. */
export const unmappedStates: readonly TechniqueState[] = ['without equivalent', 'unknown']

/** Tests `external_id` only: importers fill in `source_name` with their default. */
export const techniqueIdPattern = /^T\d{4}(\.\d{3})?$/

/** Successors come only from the documented crosswalk. */
export const currentOf = (taxonomy: Taxonomy, id: string): Current => {
  const kept = taxonomy.techniques.find((technique) => technique.id === id)
  if (kept) return { state: 'kept', current: [kept] }
  const removed = taxonomy.removed.find((one) => one.id === id)
  if (removed) {
    const current = taxonomy.techniques.filter((technique) => removed.successors.includes(technique.id))
    return current.length > 0 ? { state: 'replaced', current } : { state: 'without equivalent', gone: removed.gone }
  }
  return { state: 'unknown' }
}

const identify = (taxonomy: Taxonomy) => ({
  framework: taxonomy.framework,
  version: taxonomy.version,
  sha256: canonicalHash(taxonomy),
})

export const identityOf = (taxonomy: Taxonomy): ReturnType<typeof identify> => {
  const known = identities.get(taxonomy) ?? identify(taxonomy)
  identities.set(taxonomy, known)
  return known
}

/** A cache: each report needs the hash, which covers all techniques. */
const identities = new WeakMap<Taxonomy, ReturnType<typeof identify>>()

export type TaxonomyIdentity = ReturnType<typeof identityOf>

type Reported = Detection['techniques'][number]

/**
 * DISARM's own bundle calls its kill chain *mitre-attack*, so that name means DISARM below T0800, the first ATT&CK id.
 */
export const frameworkOf = ({ id, framework }: Reported): string => {
  if (!framework || /^disarm\b/i.test(framework)) return 'DISARM'
  return /^mitre[- ]?att&?a?ck$/i.test(framework) && techniqueIdPattern.test(id) && id < 'T0800' ? 'DISARM' : framework
}

export type TechniqueMentions = {
  readonly id: string
  readonly framework: string
  readonly name?: Name | undefined
  readonly mentions: number
}

/** Repeats within a detection are one mention. */
export const mentionsIn = (all: Iterable<readonly Reported[]>): readonly TechniqueMentions[] => {
  const groups = new Map<string, Group>()
  for (const techniques of all) {
    const here = new Set<string>()
    for (const technique of techniques) {
      const framework = frameworkOf(technique)
      const key = `${framework.toLowerCase()}\n${technique.id}`
      const group = groups.get(key) ?? {
        id: technique.id,
        frameworks: new Map(),
        names: new Map(),
        named: new Map(),
        mentions: 0,
      }
      groups.set(key, group)
      if (!here.has(key)) group.mentions += 1
      here.add(key)
      spelled(group.frameworks, framework)
      if (technique.name) {
        const key = canonicalJson(technique.name)
        spelled(group.names, key)
        group.named.set(key, technique.name)
      }
    }
  }
  return [...groups.values()]
    .map(({ id, frameworks, names, named, mentions }) => {
      const name = named.get(commonest(names) ?? '')
      return { id, framework: commonest(frameworks) ?? '', ...(name !== undefined && { name }), mentions }
    })
    .sort(byMentions)
}

type Group = {
  readonly id: string
  readonly frameworks: Spellings
  readonly names: Spellings
  readonly named: Map<string, Name>
  mentions: number
}

export type ReportedTechnique = {
  readonly id: string
  readonly name?: Name | undefined
  /** Current or removed. */
  readonly names?: Names | undefined
  readonly mentions: number
  readonly state: TechniqueState
  readonly current: readonly Technique[]
  /** Documented successors that were removed too. */
  readonly gone: readonly string[]
  /** The rank of its tactic; null if there is none, or more than one. */
  readonly rank: number | null
}

/** Mentions inside the matrix, outside it and in other frameworks add up to the total. */
export type Disarm = {
  readonly taxonomy: TaxonomyIdentity
  readonly mentions: number
  readonly phases: readonly {
    readonly id: string
    readonly names: Names
    readonly tactics: readonly (Pick<Tactic, 'id' | 'rank' | 'names'> & { readonly mentions: number })[]
  }[]
  readonly outsideMatrix: number
  readonly inOtherFrameworks: number
  readonly reported: readonly ReportedTechnique[]
  readonly otherFrameworks: readonly TechniqueMentions[]
}

export const disarmOf = (taxonomy: Taxonomy, all: readonly TechniqueMentions[]): Disarm => {
  const tactics = new Map(taxonomy.tactics.map((tactic) => [tactic.id, tactic]))
  const reported = all
    .filter(({ framework }) => framework === 'DISARM')
    .map(({ id, name, mentions }): ReportedTechnique => {
      const found = currentOf(taxonomy, id)
      const current = 'current' in found ? found.current : []
      const ranks = new Set(current.flatMap(({ tactic }) => tactics.get(tactic)?.rank ?? []))
      const [rank = null] = ranks
      const names = namesOf(taxonomy, id)
      return {
        id,
        ...(name !== undefined && { name }),
        ...(names && { names }),
        mentions,
        state: found.state,
        current,
        gone: 'gone' in found ? found.gone : [],
        // Successors under two tactics are ambiguous.
        rank: ranks.size === 1 ? rank : null,
      }
    })
  const otherFrameworks = all.filter(({ framework }) => framework !== 'DISARM')
  const ofRank = (rank: number | null) => sum(reported.filter((technique) => technique.rank === rank))
  return {
    taxonomy: identityOf(taxonomy),
    mentions: sum(all),
    phases: taxonomy.phases.map(({ id, names }) => ({
      id,
      names,
      tactics: taxonomy.tactics
        .filter(({ phase }) => phase === id)
        .map((tactic) => ({ id: tactic.id, rank: tactic.rank, names: tactic.names, mentions: ofRank(tactic.rank) })),
    })),
    outsideMatrix: ofRank(null),
    inOtherFrameworks: sum(otherFrameworks),
    reported,
    otherFrameworks,
  }
}

const namesOf = ({ techniques, removed }: Taxonomy, id: string): Names | undefined => {
  const kept = techniques.find((technique) => technique.id === id)?.names
  const name = removed.find((one) => one.id === id)?.name
  return kept ?? (name === undefined ? undefined : { en: name })
}

const sum = (all: readonly { readonly mentions: number }[]): number =>
  all.reduce((whole, { mentions }) => whole + mentions, 0)

const byMentions = (a: TechniqueMentions, b: TechniqueMentions): number =>
  b.mentions - a.mentions || compared(a.id, b.id) || compared(a.framework, b.framework)

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

type Spellings = Map<string, number>

const spelled = (spellings: Spellings, spelling: string): void => {
  spellings.set(spelling, (spellings.get(spelling) ?? 0) + 1)
}

const commonest = (spellings: Spellings): string | undefined =>
  [...spellings].sort(([a, often], [b, oftener]) => oftener - often || compared(a, b))[0]?.[0]
