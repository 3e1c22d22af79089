import { mayDo, personName } from '../../../domain/access/caller.ts'
import { subjectOf, territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { type Period, parsePeriod, periodsBefore } from '../../../domain/core/time/period.ts'
import {
  explainWordingOf,
  type PlaceExplained,
  placeSentence,
  describeCountStatuses,
} from '../../../domain/looking/explanation.ts'
import type { AttributionPart } from '../../../domain/page/manoeuvre/attribution.ts'
import { cardOf } from '../../../domain/page/manoeuvre/manoeuvre.ts'
import { clockOf, hashtag, periodLine, titleOf } from '../../../domain/page/words/phrases.ts'
import type { Entry } from '../../../domain/report/facts.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import type {
  Explanation,
  RevisionExplained,
  VersionExplained,
} from '../../../usecases/detections/explain-detection.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { changedName } from '../frame/field-text.ts'
import { aboutOf, fileWords, homeAmong, senderWords, whenLine } from '../frame/names.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { detectionHref, editionHref } from '../frame/paths.ts'
import { type searchIn, searchWord } from './detections.ts'

export const detectionValue = (
  visit: Visit,
  explanation: Explanation,
  search: ReturnType<typeof searchIn>,
  house: Organisation,
) => {
  const { words, href } = visit
  const list = searchWord(search)
  const { detection, status, reason, places, report, versions, unreadable } = explanation
  return {
    id: detection.id,
    name: titleOf(detection.title, words.language),
    chip: chipOf(detection.marking),
    when: whenLine(detection, words),
    state: words.say(status === 'active' ? 'room.detection.active' : 'room.did.withdrawn'),
    alert: status === 'withdrawn',
    reason: reason === undefined ? '' : words.say('room.detection.reason', { reason: reasonIn(words, reason).text }),
    back: { href: href('/room/detections', search), label: words.say('room.detection.back') },
    acts: [...undoFor(visit, explanation), ...actsFor(visit, explanation)],
    stored: storedValue(explanation, visit, house),
    why: {
      isShown: status !== 'active' || places.length > 0,
      title: words.say(status === 'active' ? 'room.detection.why' : 'room.detection.why.withdrawn'),
      note: words.say(status === 'active' ? 'room.detection.why.note' : 'room.detection.why.withdrawn.note'),
      of: report ? reportName(visit, report) : '',
      head: { cap: words.say('room.field.cap'), because: words.say('room.detection.because') },
      rows: report ? stateRows(visit, report.standings) : [],
      partsLabel: words.say(status === 'active' ? 'room.detection.partsThere' : 'room.detection.partsFree'),
      parts: (report?.parts ?? []).map((id) => ({ href: detectionHref(visit, id, { list }), label: id })),
    },
    placed: {
      title: words.say('room.detection.placed'),
      none: places.length === 0 ? words.say('room.detection.unplaced') : '',
      rows: places.map((place) => placeRow(visit, { id: detection.id, list }, place, status === 'active')),
    },
    campaign: campaignValue(visit, explanation),
    links: linksValue(visit, explanation, list),
    revisions: revisionsValue(visit, explanation),
    versions: {
      title: words.say('room.detection.versions'),
      none: versions.length === 0 ? words.say('room.detection.versions.none') : '',
      rows: versions.map((version) => versionRow(visit, version)),
      unreadable: unreadable === 0 ? '' : words.say('room.detection.unreadable', { count: unreadable }),
    },
  }
}

const actsFor = ({ words, href, caller }: Visit, { detection, status }: Explanation) => {
  if (status !== 'active' || !mayDo(caller, 'detections:write')) return []
  const names = [
    ...(detection.territories.length === 0 ? (['place'] as const) : []),
    'correct',
    ...(detection.actor ? (['reply'] as const) : []),
    'withdraw',
  ] as const
  return names.map((name) => ({
    href: href(`/room/detections/${encodeURIComponent(detection.id)}/${name}`),
    label: words.say(`room.mend.${name}`),
    style: name === 'withdraw' ? 'alert' : 'second',
  }))
}

const undoFor = (visit: Visit, explanation: Explanation) =>
  restorable(visit, explanation)
    .slice(-1)
    .map((to) => ({
      ...restoreLink(visit, explanation, to),
      label: visit.words.say('room.mend.undo'),
      style: 'second',
    }))

/** Earlier revisions whose content is known. */
const restorable = ({ caller }: Visit, { status, revisions }: Explanation): readonly number[] =>
  status === 'active' && mayDo(caller, 'detections:write')
    ? revisions.flatMap((one, at) => (one.changed ? (revisions[at - 1]?.revision ?? []) : []))
    : []

const restoreLink = ({ words, href }: Visit, { detection }: Explanation, to: number) => ({
  href: href(`/room/detections/${encodeURIComponent(detection.id)}/restore`, { to: String(to) }),
  label: words.say('room.mend.restore', { to: String(to) }),
})

type Piece = { readonly text: string; readonly strong?: boolean; readonly lang?: string }
type RowShown = { readonly label: string; readonly note?: string; readonly paragraphs: readonly (readonly Piece[])[] }

/** Shows the detection as a report's card does. */
const storedValue = ({ detection }: Explanation, { words }: Visit, house: Organisation) => {
  // Its parts are listed separately, from the store, for the requested report.
  const entry: Entry = { ...detection, parts: [] }
  const home = homeAmong(detection)
  const day = entry.observed.to.slice(0, 10)
  const facts = {
    manoeuvres: [entry],
    unlisted: { manoeuvres: 0, ongoing: 0, undatedHere: 0 },
    disarm: { reported: [] },
    house,
    // The day determines the law behind the criteria.
    period: { ...parsePeriod(day), from: '', to: '', hours: 0 },
  }
  const card = cardOf(entry, 0, facts, home, words)
  const { rows, rowsAfter, breakout, attribution, assessment, criteria, evidence, meta } = card
  return {
    title: words.say('room.detection.stored'),
    meta: entry.observed.precision === 'instant' ? `${words.observed(entry.observed, home.zone)}, ${meta}` : meta,
    rows: [
      ...rows.map(({ label, note, paragraphs, cluster }) => ({
        ...{ label, note: note ?? '' },
        paragraphs: [
          ...paragraphs,
          ...(cluster ? [[{ text: cluster.title }], ...cluster.bars.map(({ text }) => text)] : []),
        ],
      })),
      ...(breakout
        ? [
            {
              ...{ label: breakout.label, note: breakout.note },
              paragraphs: [breakout.text, ...(breakout.evidence ? [[breakout.evidence]] : [])],
            },
          ]
        : []),
      ...(attribution ? [basesRow(attribution), attribution.reply] : []),
      ...rowsAfter.map(({ label, note, paragraphs }) => ({ label, note: note ?? '', paragraphs })),
      ...(assessment
        ? [
            {
              ...{ label: assessment.label, note: assessment.note },
              paragraphs: [
                ...assessment.fields.map((one) => [
                  { text: `${one.label}${one.note ? ` (${one.note})` : ''} ` },
                  { text: [one.word, one.more].filter(Boolean).join(', '), strong: true },
                ]),
                ...assessment.paragraphs,
              ],
            },
          ]
        : []),
    ] satisfies readonly RowShown[],
    links: attribution?.table.rows.length ? attribution.table : null,
    criteria,
    evidence,
    indicators:
      detection.indicators.length === 0
        ? null
        : { label: words.say('room.detection.indicators'), items: detection.indicators.map(({ value }) => value) },
  }
}

const basesRow = ({ bases: { label, note, items } }: AttributionPart) => ({
  ...{ label, note },
  paragraphs: items.map(({ word, state }) => [{ text: `${word} ` }, { text: state, strong: true }]),
})

const reportName = (
  { words }: Visit,
  report: { readonly territory: Parameters<typeof subjectOf>[0]; readonly period: string },
) =>
  words.say('room.coverage.of', {
    territory: subjectOf(report.territory).name[words.language],
    period: periodLine({ period: parsePeriod(report.period) }, words),
  })

const stateRows = ({ words }: Visit, standings: NonNullable<Explanation['report']>['standings']) =>
  describeCountStatuses(standings, explainWordingOf(words.language)).map(
    ({ caps, sentences: [state = '', ...because] }) => ({
      caps: caps.map(chipOf),
      state,
      because,
    }),
  )

/** @param counts whether it counts anywhere: a withdrawn detection counts nowhere */
const placeRow = (
  visit: Visit,
  { id, list }: { readonly id: string; readonly list: string },
  place: PlaceExplained,
  counts: boolean,
) => {
  const { words } = visit
  const { code, day, week, month } = place
  const territory = territoryOf(code)
  const periodLink = (period: string) => ({
    href: detectionHref(visit, id, { territory: code, period, list }),
    label: periodLine({ period: parsePeriod(period) }, words),
  })
  return {
    territory: territory.name[words.language],
    how: placeSentence(place, explainWordingOf(words.language)),
    day:
      day === undefined
        ? words.say('room.detection.noDay', { month: words.month(month) })
        : words.say('room.detection.day', {
            day: words.days(day, day, { weekday: true }),
            town: clockOf(territory, words),
          }),
    counts: counts ? words.say('room.detection.countsIn') : '',
    periods: counts ? [...(week === undefined ? [] : [periodLink(week)]), periodLink(month)] : [],
  }
}

const maxCampaignWeeks = 104

/** Null with fewer than two dated detections. */
const campaignValue = ({ words }: Visit, { campaignWeeks: found, campaignUndated: undated, places }: Explanation) => {
  const [first = '', last = ''] = [found.toSorted()[0], found.toSorted().at(-1)]
  if (found.length < 2) return null
  const before = periodsBefore(parsePeriod(last), maxCampaignWeeks - 1).map(({ id }) => id)
  const weeks = [...before.filter((id) => id >= first), last]
  const values = weeks.map((id) => found.filter((one) => one === id).length)
  const name = (id: string) => periodLine({ period: parsePeriod(id) }, words)
  const at = weeks.indexOf(places[0]?.week ?? '')
  return {
    ...{ values, at, title: words.say('room.detection.time') },
    text: words.list(
      values.flatMap((value, week) =>
        value === 0 ? [] : words.say('room.mend.line', { label: name(weeks[week] ?? ''), text: String(value) }),
      ),
    ),
    note: words.say('room.detection.time.note', {
      count: values.reduce((sum, one) => sum + one, 0),
      ...{ first: name(weeks[0] ?? ''), last: name(last), own: at < 0 ? 'none' : name(weeks[at] ?? '') },
      undated,
    }),
  }
}

const linksValue = (visit: Visit, { detection, wholes }: Explanation, list: string) => {
  const { words, href } = visit
  const { campaign, accountSet, hashtags } = detection
  const search = (q: string, label = q) => ({ href: href('/room/detections', { q }), label })
  const rows = [
    {
      label: words.say('room.detection.wholes'),
      items: wholes.map((id) => ({ href: detectionHref(visit, id, { list }), label: id })),
    },
    {
      label: words.say('room.detections.campaign'),
      items: campaign === undefined ? [] : [{ href: href('/room/detections', { campaign }), label: campaign }],
    },
    { label: words.say('room.detection.accountSet'), items: accountSet ? [search(accountSet.id)] : [] },
    { label: words.say('room.detection.hashtags'), items: hashtags.map((tag) => search(tag, hashtag(tag))) },
  ].filter(({ items }) => items.length > 0)
  return { title: words.say('room.detection.links'), note: words.say('room.detection.links.note'), rows }
}

/** Store instants belong to no territory: shown in the reader's time. */
const instant = (at: string, { clock, words }: Visit): string => timeIn(Date.parse(at), clock, words)

const revisionsValue = (visit: Visit, explanation: Explanation) => {
  const { words } = visit
  const { revisions, corrections = [] } = explanation
  const kept = restorable(visit, explanation)
  return {
    title: words.say('room.detection.revisions'),
    note: words.say('room.detection.revisions.note'),
    head: {
      revision: words.say('room.detection.revision'),
      at: words.say('room.detection.storedAt'),
      changed: words.say('room.detection.changed'),
    },
    rows: revisions.toReversed().map((one) => ({
      ...revisionRow(visit, one),
      restore: kept.includes(one.revision) ? restoreLink(visit, explanation, one.revision) : null,
    })),
    corrections: corrections.map(({ field: name, by, reason, at }) =>
      words.say(reason === '' ? 'room.detection.placing' : 'room.detection.correction', {
        ...{ field: changedName(name, words), by, at: instant(at, visit) },
        reason: reasonIn(words, reason).text,
      }),
    ),
    correctedTitle: corrections.length > 0 ? words.say('room.detection.corrected') : '',
  }
}

const revisionRow = (visit: Visit, { revision, status, storedAt, changed, batch, act }: RevisionExplained) => {
  const { words } = visit
  const fields = (changed ?? []).map((one) => changedName(one, words))
  const first = revision === 1 ? words.say('room.detection.first') : words.say('room.detection.changed.unknown')
  return {
    number: words.number(revision),
    at: instant(storedAt, visit),
    changed:
      status === 'withdrawn'
        ? words.say(act?.did === 'undone' ? 'room.detection.undone' : 'room.did.withdrawn')
        : changed === undefined
          ? first
          : fields.length === 0
            ? words.say('room.detection.changed.nothing')
            : words.list(fields),
    batch: [...(batch ? [batchText(batch, words)] : []), ...(act ? [actText(act, words)] : [])].join(' · '),
  }
}

const actText = (
  { did, by, reason = '', batch = '' }: NonNullable<RevisionExplained['act']>,
  words: RoomWording,
): string =>
  words.say(`room.detection.act.${did}`, {
    by: harmless(personName(by)),
    batch,
    why: reason === '' ? '' : words.say('room.detection.act.why', { reason: reasonIn(words, reason).text }),
  })

const batchText = (
  { name, sender, by, ...source }: NonNullable<RevisionExplained['batch']>,
  words: RoomWording,
): string => {
  return words.say('room.detection.batch', {
    name,
    file: fileWords(source, words),
    sender: senderWords(by ?? sender, words),
  })
}

const versionRow = (visit: Visit, version: VersionExplained) => {
  const { words } = visit
  const { territory, cap, marking, version: number, asOf, revision, countStatus, recalled } = version
  const period: Period = parsePeriod(version.period)
  const about = aboutOf({ ...version, period }, words)
  return {
    href: editionHref(visit, { territory, period, cap }, number),
    label: words.say('room.coverage.of', { territory: about.name, period: about.period }),
    chip: chipOf(marking),
    version: words.say('room.version', { version: number }),
    edition: words.say('room.edition', { cap }),
    asOf: words.say('room.asOf', {
      asOf: instant(asOf, visit),
    }),
    shows: words.say('room.detection.showsRevision', { revision }),
    state: countStatus ? explainWordingOf(words.language).say(`explain.state.${countStatus.state}`) : '',
    recalled: recalled ? words.say('room.state.recalled') : '',
  }
}
