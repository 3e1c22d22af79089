/** Across territories: where else the same campaign, account set, text or hashtag was seen, each detection counted once. */
import type { Detection, Figure, Placing } from './detection.ts'
import { notGiven, type Total, totalOfFigures } from './figures.ts'
import { fitsUnder, type Marking } from './marking.ts'
import type { Observed } from './observed.ts'
import type { TerritoryCode } from './territory.ts'

export const linkKinds = ['campaign', 'accountSet', 'fingerprint', 'hashtag'] as const

/** What two detections can have in common. Values compare in lower case. */
export type Link = { readonly kind: (typeof linkKinds)[number]; readonly value: string }

/** A detection as its links tell of it. Instants are ISO 8601, those of its earliest territory. */
export type Linked = {
  readonly id: string
  readonly revision: number
  readonly from: string
  readonly to: string
  /** As precisely as its source knew it: a month is not told as its first day. */
  readonly observed: Observed
  readonly territories: readonly Pick<Placing, 'code' | 'method'>[]
  readonly marking: Marking
  readonly posts?: Figure | undefined
  readonly accounts?: Figure | undefined
}

/** One other territory in which a manoeuvre's links were seen. */
export type Elsewhere = {
  readonly territory: TerritoryCode
  /** What it has in common with the manoeuvre, as reported. */
  readonly by: readonly Link[]
  readonly first: string
  readonly firstObserved: Observed
  readonly last: string
  /** Whole days from the first of all sightings, here or elsewhere, to this territory's first; a month from its start. */
  readonly lagDays: number
  readonly detections: number
  readonly posts: Total
  readonly accounts: Total
  /** Every detection there was placed through a group, so it stands in several territories. */
  readonly groupOnly: boolean
  /** Accounts that both name; undefined where one of them names none. */
  readonly commonAccounts?: number | undefined
}

export type Across = {
  readonly manoeuvre: string
  /** Where and when its links were first seen of all. */
  readonly first: { readonly territories: readonly TerritoryCode[]; readonly at: string; readonly observed: Observed }
  readonly rows: readonly Elsewhere[]
  /** All detections with a link to it, itself included, each once: less than the rows' sum where a group placed one. */
  readonly total: { readonly detections: number; readonly posts: Total }
}

/** So many of the weightiest manoeuvres are looked up elsewhere. */
export const lookedUpAtMost = 20

/** The links of a detection, each once. */
export const linksOf = (
  detection: Pick<Detection, 'campaign' | 'accountSet' | 'fingerprints' | 'hashtags'>,
): readonly Link[] => {
  const links: Link[] = [
    ...(detection.campaign ? [{ kind: 'campaign', value: detection.campaign } as const] : []),
    ...(detection.accountSet ? [{ kind: 'accountSet', value: detection.accountSet.id } as const] : []),
    ...detection.fingerprints.map(
      ({ algorithm, value }) => ({ kind: 'fingerprint', value: `${algorithm}:${value}` }) as const,
    ),
    ...detection.hashtags.map((value) => ({ kind: 'hashtag', value }) as const),
  ]
  return [...new Map(links.map((link) => [linkKey(link), link])).values()]
}

/** One text for a link, the same for every spelling of its value. */
export const linkKey = ({ kind, value }: Link): string =>
  `${kind}#${(kind === 'hashtag' ? value.replace(/^#/, '') : value).toLowerCase()}`

export type Limits = {
  readonly cap: Marking
  /** ISO instant before which a detection must have been seen. */
  readonly before: string
}

/** May a linked detection stand in this edition at all? */
export const mayShow = (one: Pick<Linked, 'marking' | 'from'>, { cap, before }: Limits): boolean =>
  fitsUnder(one.marking, cap) && one.from < before

/**
 * What the links of one manoeuvre lead to in other territories, up to a cap.
 * @param own ids of the manoeuvre and its parts
 * @param found what each of its links led to, itself included or not
 */
export const acrossOf = (
  own: { readonly ids: ReadonlySet<string>; readonly territory: TerritoryCode; readonly manoeuvre: Linked },
  found: readonly { readonly link: Link; readonly linked: readonly Linked[] }[],
  limits: Limits,
): Across | undefined => {
  const all = new Map<string, { linked: Linked; by: Map<string, Link> }>([
    [own.manoeuvre.id, { linked: own.manoeuvre, by: new Map() }],
  ])
  for (const { link, linked } of found) {
    for (const one of linked) {
      const isPart = own.ids.has(one.id) && one.id !== own.manoeuvre.id
      if (isPart || !mayShow(one, limits)) continue
      const known = all.get(one.id) ?? { linked: one, by: new Map<string, Link>() }
      known.by.set(linkKey(link), link)
      all.set(one.id, known)
    }
  }
  const sightings = [...all.values()].sort((a, b) => order(a.linked, b.linked))
  const codes = new Set(sightings.flatMap(({ linked }) => linked.territories.map(({ code }) => code)))
  codes.delete(own.territory)
  const [earliest] = sightings
  if (codes.size === 0 || !earliest) return undefined
  const rows = [...codes].map((territory) => {
    const there = sightings.filter(({ linked }) => linked.territories.some(({ code }) => code === territory))
    return rowOf(territory, there, earliest.linked)
  })
  return {
    manoeuvre: own.manoeuvre.id,
    first: {
      territories: earliest.linked.territories.map(({ code }) => code),
      at: earliest.linked.from,
      observed: earliest.linked.observed,
    },
    rows: rows.sort((a, b) =>
      a.first === b.first ? (a.territory < b.territory ? -1 : 1) : a.first < b.first ? -1 : 1,
    ),
    total: { detections: sightings.length, posts: totalOfFigures(sightings.map(({ linked }) => linked.posts)) },
  }
}

const rowOf = (
  territory: TerritoryCode,
  there: readonly { linked: Linked; by: ReadonlyMap<string, Link> }[],
  earliest: Linked,
): Elsewhere => {
  const [earliestThere] = there.map(({ linked }) => linked).sort(order)
  const first = earliestThere?.from ?? earliest.from
  const last =
    there
      .map(({ linked }) => linked.to)
      .sort()
      .at(-1) ?? first
  const by = new Map(there.flatMap((one) => [...one.by]))
  const accounts = there.flatMap(({ linked }) => linked.accounts ?? [])
  const most = accounts.reduce<Figure | undefined>(
    (sofar, one) => (sofar && sofar.value >= one.value ? sofar : one),
    undefined,
  )
  return {
    territory,
    by: [...by].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link),
    first,
    firstObserved: earliestThere?.observed ?? earliest.observed,
    last,
    lagDays: Math.floor((Date.parse(first) - Date.parse(earliest.from)) / 86_400_000),
    detections: there.length,
    posts: totalOfFigures(there.map(({ linked }) => linked.posts)),
    accounts: most ? (there.length === 1 ? most : { value: most.value, qualifier: 'at least' }) : notGiven,
    groupOnly: there.every(({ linked }) =>
      linked.territories.some(({ code, method }) => code === territory && method === 'group'),
    ),
  }
}

const order = (a: Linked, b: Linked): number => (a.from === b.from ? (a.id < b.id ? -1 : 1) : a.from < b.from ? -1 : 1)
