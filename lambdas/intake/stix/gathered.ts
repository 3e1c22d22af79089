import type { DetectionInput } from '../../domain/detection/detection.ts'
import type { Impersonated } from '../../domain/detection/impersonated.ts'
import { byKey, type Localised, type StixObject } from './objects.ts'

export type Gathered = {
  /** What each used object became, by role and id. */
  readonly informative: Map<string, KeptAs>
  readonly techniques: Map<string, Technique>
  readonly narratives: Map<string, Localised>
  readonly hashtags: Set<string>
  readonly indicators: Map<string, Indicator>
  readonly platforms: Set<string>
  readonly accountSets: { readonly id: string; readonly name: Localised; readonly size: Size }[]
  readonly actors: Attributed[]
  /** Intrusion sets: ways of working, whose owner may be unknown. */
  readonly modiOperandi: Attributed[]
  readonly placings: TerritoryAssignmentInput[]
  readonly impersonated: Map<string, Impersonated>
  readonly archived: { readonly title: string; readonly url: string }[]
  /** References, where they are no indicators. */
  readonly accounts: Set<string>
  /** Labels of sources, by address. */
  readonly links: Map<string, string>
}

/** `detail`: a platform or another detail. `link`: leads to a kept object. */
export type KeptAs =
  | Indicator['type']
  | 'accounts'
  | 'actor'
  | 'archived'
  | 'author'
  | 'detail'
  | 'detection'
  | 'hashtag'
  | 'impersonated'
  | 'link'
  | 'marking'
  | 'narrative'
  | 'report'
  | 'technique'
  | 'territory'

export type Attributed = { readonly depth: number; readonly name: string; readonly object: StixObject }

export type Size = { readonly value: number; readonly qualifier: 'exact' | 'at least' | 'about' }
export type Technique = NonNullable<DetectionInput['techniques']>[number]
export type Indicator = NonNullable<DetectionInput['indicators']>[number]

export type TerritoryAssignmentInput = Exclude<NonNullable<DetectionInput['territories']>[number], string>

export const nothingGathered = (): Gathered => ({
  informative: new Map(),
  techniques: new Map(),
  narratives: new Map(),
  hashtags: new Set(),
  indicators: new Map(),
  platforms: new Set(),
  accountSets: [],
  actors: [],
  modiOperandi: [],
  placings: [],
  impersonated: new Map(),
  archived: [],
  accounts: new Set(),
  links: new Map(),
})

export const linkedEvidence = ({ links }: Gathered): { readonly label: string; readonly url: string }[] =>
  [...links].sort(byKey).map(([url, label]) => ({ label, url }))
