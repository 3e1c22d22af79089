/**
 * Reads and counts a campaign's dossier up to the end of a period: linked detections, and their parts without a
 * campaign name.
 */
import { type Linked, linkKey } from '../../../domain/aggregate/across.ts'
import type { Wholes } from '../../../domain/aggregate/counting/trees.ts'
import { openDays, type SubjectWatch, subjectWatch, widenedFigures } from '../../../domain/aggregate/subject-watch.ts'
import { createCounter, type DetectionAsOf, type Tally } from '../../../domain/aggregate/tally.ts'
import { declaredMarkings, withDeclared } from '../../../domain/aggregate/watch/watch.ts'
import { fault } from '../../../domain/core/fault.ts'
import { fitsUnder, type Marking, shortMarking, strictest } from '../../../domain/core/marking.ts'
import { boundsFor, type ObservedSomewhere, placing } from '../../../domain/core/place/subject.ts'
import { type CampaignCode, subjectOf } from '../../../domain/core/place/territory.ts'
import { knownUnder } from '../../../domain/detection/attribution.ts'
import { campaignCode } from '../../../domain/detection/campaigns.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { builtInDisarm } from '../../../domain/detection/frameworks/disarm-built-in.ts'
import { campaignSpellings } from '../../../domain/detection/names/aliases.ts'
import { type CountedStep, type DossierMaterial, dossierFacts, sinceDay } from '../../../domain/dossier/dossier.ts'
import { type Span, spanPeriod, stepsBetween } from '../../../domain/dossier/steps.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import { notesUnder } from '../../../domain/report/shown-notes.ts'
import { csvTable } from '../../../render/exports/csv.ts'
import type { Services } from '../../services.ts'
import { followWholes } from './follow-wholes.ts'
import { partsOfCampaign, type Within } from './parts-of-campaign.ts'
import type { Reading } from './read-period.ts'
import { RefusedReportError } from './refused-report.ts'

/** Limit per campaign; the earliest detections are kept. */
const maxFollowed = 20_000

type DossierEdition = Edition & { readonly territory: CampaignCode }

/**
 * @param asked the campaign's name in any spelling; defaults to the name in its last dossier
 * @throws RefusedReportError
 */
export const readDossier = async (
  edition: DossierEdition,
  asked: string | undefined,
  asOf: string,
  services: Services,
): Promise<Reading> => {
  const { territory, period, cap } = edition
  const campaign = await campaignOf(edition, asked, services)
  const { seen, more, withheld, parts } = await bearing(campaign.spellings, edition, asOf, services)
  if (seen.length === 0) throw unknownCampaign(edition)
  const first = sinceDay(seen.map(({ detection }) => detection))
  const { unit, steps: spans } = stepsBetween(first, period.last)
  const whole: Span = { name: '', first, last: period.last }
  const from = new Date(boundsFor({ first: spans[0]?.first ?? first, last: period.last }, territory).from)
  const records = await services.sources.asOf(asOf, from.toISOString())
  const watch = subjectWatch(records, { subject: territory, cap, asOf })
  const declared = declaredMarkings(records, cap)
  const bodies = seen.map((one) => ({ ...one, detection: withDeclared(one.detection, declared) }))
  const { own, steps, wholes } = await countIn(whole, spans, bodies, { edition, asOf, watch }, services)
  const byId = new Map(bodies.map((one) => [one.detection.id, one]))
  const detectionsOf = (some: Tally['counted']): readonly Detection[] =>
    [...some].flatMap(({ id }) => byId.get(id)?.detection ?? [])
  const material: DossierMaterial = {
    name: campaign.name,
    isAlias: campaign.isAlias,
    counted: detectionsOf(own.counted),
    undated: detectionsOf(own.undatedHere),
    wholes,
    unit,
    steps,
    more,
    parts,
  }
  const dossier = dossierFacts(material)
  const notes = notesUnder(await services.notes.about(territory, period.id, asOf), cap)
  const csv = csvTable({ ...edition, period: spanPeriod(whole) })
  for (const one of bodies) csv.add(one)
  return {
    counted: {
      tally: {
        ...widenedFigures(
          own,
          dossier.isWhole ? [] : ['not wholly watched'],
          openDays(subjectOf(territory).members, asOf),
        ),
        withheld,
      },
      shown: byId,
      declared,
      threadTitles: new Map(),
      across: [],
      notes,
      candidates: [],
      before: [],
      taxonomy: builtInDisarm,
      dossier,
    },
    sources: watch.sources,
    csv,
  }
}

/** Also for one above the cap, so as not to reveal it. */
const unknownCampaign = ({ period, cap }: Edition): RefusedReportError =>
  new RefusedReportError(fault('dossier.unknown', { period: period.id, cap: shortMarking(cap) }))

const campaignOf = async (
  edition: DossierEdition,
  asked: string | undefined,
  { reports, aliases }: Pick<Services, 'reports' | 'aliases'>,
) => {
  const name = asked ?? (await reports.campaignName(edition.territory))
  const campaign = name === undefined ? undefined : campaignSpellings(name, [aliases])
  // A name that has since become an alias no longer has a dossier.
  if (!campaign || campaignCode(campaign.name) !== edition.territory) throw unknownCampaign(edition)
  return campaign
}

type Bearing = {
  readonly seen: readonly DetectionAsOf[]
  /** Marking of the first detection beyond the limit, if any. */
  readonly more: Marking | undefined
  readonly withheld: number
  readonly parts: DossierMaterial['parts']
}

const bearing = async (
  names: readonly string[],
  { territory, period, cap }: DossierEdition,
  asOf: string,
  services: Pick<Services, 'detections'>,
): Promise<Bearing> => {
  const { detections } = services
  const before = new Date(boundsFor(period, territory).to).toISOString()
  const links = [
    ...new Map(names.map((value) => ({ kind: 'campaign', value }) as const).map((one) => [linkKey(one), one])).values(),
  ]
  const { zone, members } = subjectOf(territory)
  const placeOf = placing({ period: spanPeriod({ first: beginning, last: period.last }), zone, members })
  const isOfTime = (one: ObservedSomewhere) => (placeOf(one)?.fit ?? 'outside') !== 'outside'
  /** Queries detections above the cap separately: they must not use up the limit of visible ones. */
  const follow = async (upTo: Marking) => {
    const found = new Map<string, Linked>()
    let more: Marking | undefined
    for (const link of links) {
      const answer = await detections.linked(link, asOf, { cap: upTo, before, most: maxFollowed })
      more ??= answer.more
      for (const one of answer.linked) if (isOfTime(one)) found.set(one.id, one)
    }
    return { found: [...found.values()], more }
  }
  const { found, more } = await follow(cap)
  const all = cap === 'TLP:RED' || found.length === 0 ? found : (await follow('TLP:RED')).found
  const above = all.filter(({ marking }) => !fitsUnder(marking, cap)).length
  if (found.length === 0) return { seen: [], more, withheld: above, parts: noParts }
  const month = sinceDay(found).slice(0, 7)
  const within: Within = {
    ...boundsFor({ first: `${month}-01`, last: period.last }, territory),
    members,
    takes: (part) => isOfTime(part) && sinceDay([part]) >= month,
  }
  const { own, others, withheld } = await partsOfCampaign(names, within, { cap, asOf }, services)
  const earliest = own.toSorted((a, b) => (sinceDay([a.part]) < sinceDay([b.part]) ? -1 : 1))
  const room = maxFollowed - found.length
  const followed = earliest.slice(0, room)
  const kept = [...found, ...followed.map(({ part }) => part)]
  const ids = new Set(kept.map(({ id }) => id))
  return {
    seen: (await detections.bodies(kept)).map((one) => ({ ...one, detection: knownUnder(one.detection, cap) })),
    more: more ?? earliest[room]?.part.marking,
    withheld: above + withheld,
    parts: {
      campaigns: new Map(followed.map(({ part, campaign }) => [part.id, campaign])),
      others: others.flatMap(({ path }) => path.find((id) => ids.has(id)) ?? path.at(-1) ?? []),
      marking: strictest([...followed, ...others].flatMap(({ through }) => through)),
    },
  }
}

const noParts: Bearing['parts'] = { campaigns: new Map(), others: [], marking: 'TLP:CLEAR' }

const beginning = '0001-01-01'

type Counting = { readonly edition: DossierEdition; readonly asOf: string; readonly watch: SubjectWatch }

const countIn = async (
  whole: Span,
  spans: readonly Span[],
  bodies: readonly DetectionAsOf[],
  { edition: { territory, cap }, asOf, watch }: Counting,
  { detections }: Pick<Services, 'detections'>,
): Promise<{ readonly own: Tally; readonly steps: readonly CountedStep[]; readonly wholes: Wholes }> => {
  const { zone, members } = subjectOf(territory)
  const counters = [whole, ...spans].map((span) => {
    const period = spanPeriod(span)
    const counter = createCounter({ period, zone, cap, members })
    for (const one of bodies) counter.add(one)
    return { span, period, counter }
  })
  const wanted = counters.map(({ counter }) => counter.wholesWanted())
  const wholes = await followWholes(wanted, { cap, asOf }, detections)
  const [own, ...steps] = counters.map(({ span, period, counter }) => {
    const tally = counter.tally({ wholes, watched: watch.of(period) })
    return { span, period, tally }
  })
  if (!own) throw new Error('a dossier is counted over the whole of its time')
  return {
    wholes,
    own: own.tally,
    steps: steps.map(({ span, period, tally }) => {
      const { totals } = watch.widen(period, tally)
      return { span, tally, totals, isWhole: !totals.isFloor, watchedOf: (code) => watch.watchedOf(code, period) }
    }),
  }
}
