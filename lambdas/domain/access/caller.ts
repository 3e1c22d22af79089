/** Who asks a program's question: what it may do, and what it may read. */
import * as z from 'zod'
import { fitsUnder, type Marking, markingSlug, markings } from '../core/marking.ts'
import {
  isCampaignCode,
  isFlashCode,
  type SubjectCode,
  subjectOf,
  subjects,
  type TerritoryCode,
  territories,
} from '../core/place/territory.ts'
import { everyRight, type Right, roles } from './roles.ts'

export const scopes = everyRight

export type Scope = Right

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]

export const callerSchema = z.strictObject({
  /** For the log: a name that the authority behind the caller gave it. */
  who: z.string().min(1).max(200),
  scopes: z.array(z.enum(scopes)),
  /** Of a person, whose rights may be more than these give. */
  roles: z.array(z.enum(roles)).optional(),
  clearance: z.enum(markings),
  territories: z.array(z.enum(codes)),
})

export type Caller = z.output<typeof callerSchema>

/** Up to which marking, and of which territories. */
export type Ceiling = Pick<Caller, 'clearance' | 'territories'>

/** Whether a detection lies under a ceiling. One without a place may belong anywhere. */
export const isUnder = (
  { clearance, territories: cleared }: Ceiling,
  { marking, territories: places }: { marking: Marking; territories: readonly { code: TerritoryCode }[] },
): boolean =>
  fitsUnder(marking, clearance) &&
  (places.length > 0 ? places.map(({ code }) => code) : codes).every((code) => cleared.includes(code))

/** An operator may know all that is stored, so also what became of each record. */
export const isOperator = (ceiling: Ceiling): boolean => isUnder(ceiling, { marking: 'TLP:RED', territories: [] })

/** A ceiling as a part of a key: `amber.NC-MQ`. */
export const ceilingSlug = ({ clearance, territories: cleared }: Ceiling): string =>
  `${markingSlug(clearance)}.${cleared.join('-')}`

/** The ceiling that a slug says; what cannot be read allows nothing. */
export const ceilingIn = (slug: string): Ceiling => {
  const [marking = '', named = ''] = slug.split('.')
  const clearance = markings.find((one) => markingSlug(one) === marking)
  if (!clearance) return { clearance: 'TLP:CLEAR', territories: [] }
  const parts = named.split('-')
  return { clearance, territories: codes.filter((code) => parts.includes(code)) }
}

/** What of a version decides who may read it. */
export type Readable = {
  readonly territory: SubjectCode
  readonly cap: Marking
  readonly marking: Marking
  readonly state: 'published' | 'held' | 'recalled'
}

/** Who reads reports sees how their sources were watched. */
export const mayDo = (caller: Caller, scope: Scope): boolean =>
  callerSchema.safeParse(caller).success &&
  (caller.scopes.includes(scope) || (scope === 'watch:read' && caller.scopes.includes('reports:read')))

/** All that a caller may read reports about: of a group, one who may read those of every member. */
export const subjectsFor = ({ territories: cleared }: Pick<Caller, 'territories'>): readonly SubjectCode[] =>
  subjects.filter(({ members }) => members.every((code) => cleared.includes(code))).map(({ code }) => code)

/**
 * Whether a caller may ask for reports about it: a dossier tells of every territory, a flash note of those that its
 * code names.
 */
export const isSubjectFor = (caller: Pick<Caller, 'territories'>, text: string): text is SubjectCode => {
  const own = subjectsFor(caller)
  if (isFlashCode(text)) return subjectOf(text).members.every((code) => caller.territories.includes(code))
  return own.some((code) => code === text) || (isCampaignCode(text) && own.includes('ALL'))
}

/** An edition of a territory, group or campaign, whatever is in it. */
export const mayReadEdition = (caller: Caller, { territory, cap }: Pick<Readable, 'territory' | 'cap'>): boolean =>
  mayDo(caller, 'reports:read') &&
  subjectOf(territory).members.every((code) => caller.territories.includes(code)) &&
  fitsUnder(cap, caller.clearance)

/** Whether there can be no edition, of the caller's territories, that is above the clearance. */
export const readsEveryCap = ({ clearance }: Pick<Caller, 'clearance'>): boolean => fitsUnder('TLP:RED', clearance)

/** A version of it: published, not taken back, and marked no higher than the caller is cleared for. */
export const mayReadVersion = (caller: Caller, version: Readable): boolean =>
  mayReadEdition(caller, version) && version.state === 'published' && fitsUnder(version.marking, caller.clearance)

/** Whom a quota counts: a role whatever its sessions are called, a person whatever the way in. */
export const accountOf = ({ who }: Pick<Caller, 'who'>): string =>
  /^(.*assumed-role\/[^/]+)\/[^/]+$/.exec(who)?.[1] ?? who.replace(/ \S+@\S+$/, '')

/** Of this machine's own user, who can read every file of it. */
export const everything: Caller = {
  who: 'this machine',
  scopes: [...scopes],
  roles: [...roles],
  clearance: 'TLP:RED',
  territories: codes,
}
