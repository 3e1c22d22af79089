import { isSubjectFor, mayDo, subjectsFor } from '../../../domain/access/caller.ts'
import { type HeadlineFigure, headlineFigures, totalIn } from '../../../domain/aggregate/tally.ts'
import { asFault } from '../../../domain/core/fault.ts'
import type { Total } from '../../../domain/core/figures.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { type Marking, markings } from '../../../domain/core/marking.ts'
import {
  type CampaignCode,
  isCampaignCode,
  isFlashCode,
  isGroup,
  isOnRequest,
  subjectOf,
} from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { cadences, type Period, parsePeriod } from '../../../domain/core/time/period.ts'
import { campaignCode } from '../../../domain/detection/campaigns.ts'
import { isExpired } from '../../../domain/flash/flash.ts'
import type { Report } from '../../../domain/page/page.ts'
import { levelMark } from '../../../domain/page/words/level-words.ts'
import { barsText, figureParts, ownAndShared } from '../../../domain/page/words/phrases.ts'
import { type Edition, type ManifestFile, manifestName, reportId } from '../../../domain/report/manifest.ts'
import { signatureName } from '../../../domain/report/signature.ts'
import type { Recalled } from '../../../domain/report/version.ts'
import { type ArchivedEntry, type ArchivePage, cursorTo } from '../../../usecases/archive/browse-archive.ts'
import type { Past, VersionSeen } from '../../../usecases/archive/version-history.ts'
import type { NewestVersion } from '../../../usecases/reports/newest-version.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { ownWords, reasonIn, type TextWithLang } from '../frame/fault-text.ts'
import { aboutOf, nameOf, periodName, sizeOf, untilOf } from '../frame/names.ts'
import { chipOf, choices, field, type Field, periodFault, timeIn, type Visit } from '../frame/pages.ts'
import { editionHref, fileHref, versionsPath } from '../frame/paths.ts'
import { pickerValue } from './picker.ts'
import { actsOf } from './version-acts.ts'

export type ArchiveWords = {
  readonly [name in 'territory' | 'cadence' | 'period' | 'cap' | 'from' | 'to']: string
}

export type ArchiveName = keyof ArchiveWords

export const archiveValue = (
  visit: Visit,
  asked: ArchiveWords,
  wrong: readonly ArchiveName[],
  page: ArchivePage & {
    readonly pasts: ReadonlyMap<string, Past>
    readonly isFirst: boolean
    readonly year: number | undefined
    readonly now: number
  },
) => {
  const { words, caller, href } = visit
  // Shows the nation and no other group: the list has those.
  const own = subjectsFor(caller)
    .filter((code) => code === 'ALL' || !isGroup(code))
    .map(subjectOf)
  const filtered = Object.values(asked).some((word) => word !== '')
  return {
    places: own.map(({ code, name }) => ({
      code,
      name: name[words.language],
      current: asked.territory === code,
      href: href('/room/archive', { ...asked, territory: asked.territory === code ? '' : code }),
    })),
    picker: pickerOf(visit, asked, page),
    filters: {
      action: '/room/archive',
      fields: filterFields(visit, asked, wrong, page.entries),
      clear: filtered ? { href: href('/room/archive'), label: words.say('room.filter.clear') } : null,
    },
    problem: wrong.length > 0 ? words.say('room.filter.wrong') : '',
    list: {
      title: isSubjectFor(caller, asked.territory)
        ? words.say('room.list.of', { territory: nameAsked(asked, page.entries, words) })
        : words.say('room.nav.archive'),
      rows: page.entries.map((entry) => rowOf(visit, entry, page.pasts.get(entry.id), page.now)),
      none: wrong.length > 0 ? '' : words.say(filtered || !page.isFirst ? 'room.list.none' : 'room.list.empty'),
    },
    pager: {
      first: page.isFirst ? '' : href('/room/archive', asked),
      next: page.next ? href('/room/archive', { ...asked, cursor: cursorTo(page.next) }) : '',
    },
  }
}

const pickerOf = (
  visit: Visit,
  asked: ArchiveWords,
  { year, now }: { readonly year: number | undefined; readonly now: number },
) => {
  const to = ({ id }: Period) => visit.href('/room/archive', { ...asked, period: id })
  return pickerValue(visit, {
    year: year ?? new Date(now).getUTCFullYear(),
    now,
    isOpen: year !== undefined,
    chosen: asked.period.toUpperCase(),
    toYear: (other) => visit.href('/room/archive#choose', { ...asked, year: String(other) }),
    toWeek: to,
    toPeriod: to,
  })
}

const nameAsked = ({ territory }: ArchiveWords, listed: readonly ArchivedEntry[], words: RoomWording): string =>
  listed.find((entry) => entry.territory === territory && entry.campaign !== undefined)?.campaign ??
  nameOf(territory, words)

const filterFields = (
  { words, caller }: Visit,
  asked: ArchiveWords,
  wrong: readonly ArchiveName[],
  listed: readonly ArchivedEntry[],
): readonly Field[] => {
  const own = subjectsFor(caller)
  const marked = (name: ArchiveName) => (wrong.includes(name) ? words.say('room.field.wrong') : '')
  return [
    field('territory', words.say('room.field.territory'), {
      // Offers only the requested dossier: the list has the other names.
      choices: choices(
        isOnRequest(asked.territory) && isSubjectFor(caller, asked.territory) ? [...own, asked.territory] : own,
        (code) => (code === asked.territory ? nameAsked(asked, listed, words) : nameOf(code, words)),
        asked.territory,
        words.say('room.field.all'),
      ),
      wrong: marked('territory'),
    }),
    field('cadence', words.say('room.field.cadence'), {
      choices: choices(
        cadences,
        (cadence) => words.say('room.cadence', { cadence }),
        asked.cadence,
        words.say('room.field.all'),
      ),
      wrong: marked('cadence'),
    }),
    field('period', words.say('room.field.period'), {
      type: 'text',
      value: asked.period,
      hint: words.say('room.field.week.hint'),
      wrong: marked('period') && periodFault(asked.period, words, 'room.field.wrong'),
    }),
    field('cap', words.say('room.field.cap'), {
      choices: choices(markings, (cap) => cap, asked.cap, words.say('room.field.all')),
      wrong: marked('cap'),
    }),
    field('from', words.say('room.field.from'), { type: 'date', value: asked.from, wrong: marked('from') }),
    field('to', words.say('room.field.to'), { type: 'date', value: asked.to, wrong: marked('to') }),
  ]
}

const rowOf = (visit: Visit, entry: ArchivedEntry, past: Past | undefined, now: number) => {
  const { words, clock } = visit
  const { territory, period: id, cap, marking, version, state, totals, level, asOf } = entry
  const period = parsePeriod(id)
  const isRecalled = state === 'recalled'
  const about = aboutOf({ ...entry, period }, words)
  const own = ownAndShared(entry, words)
  return {
    href: editionHref(visit, { territory, period, cap }, version),
    territory: about.name,
    period: about.period,
    chip: chipOf(marking),
    cap: words.say('room.edition', { cap }),
    version: words.number(version),
    level: level && !isRecalled ? levelMark(level, words).spoken : '',
    recalled: isRecalled ? words.say('room.state.recalled') : '',
    replaced: isRecalled ? '' : describeState(entry, now, words),
    posts: isRecalled ? null : { ...figureOf(own.posts, words), shared: own.shared },
    detections: isRecalled ? null : words.total(totalIn(totals, 'detections')),
    past: isRecalled || !past || past.length === 0 ? null : barsOf(past, totals.posts, words),
    asOf: timeIn(Date.parse(asOf), clock, words),
  }
}

const describeState = (entry: ArchivedEntry, now: number, words: RoomWording): string => {
  const { flash, replaced, reconstructed } = entry
  if (reconstructed) return words.say('room.reconstructed')
  if (replaced) return words.say('room.state.replaced')
  if (!flash) return ''
  const isOld = isExpired(flash, new Date(now).toISOString())
  const state = isOld ? 'expired' : flash.approvedBy === undefined ? 'waits' : 'approved'
  return words.say('room.flash.state', { state })
}

const describeFlash = (
  { territory, flash }: Pick<ArchivedEntry, 'territory' | 'flash'>,
  now: number,
  words: RoomWording,
): readonly string[] => {
  if (!flash) return []
  const until = timeIn(Date.parse(flash.until), subjectOf(territory), words)
  if (isExpired(flash, new Date(now).toISOString())) return [words.say('room.flash.expired', { until })]
  return [
    flash.approvedBy === undefined
      ? words.say('room.flash.waits')
      : words.say('room.flash.approved', { by: flash.approvedBy }),
    words.say('room.flash.until', { until }),
  ]
}

/** Formats a figure as on the report's front page; exact figures have no qualifier. */
const figureOf = (total: Total, words: RoomWording) => ({
  ...figureParts(total, words),
  ...((total.qualifier === 'exact' || total.value === null) && { qualifier: '' }),
})

const barsOf = (before: readonly Total[], now: Total, words: RoomWording) => ({
  values: [...before, now].map(({ value }) => value),
  text: barsText(before, now, words),
})

/** Figures compared even without a number, since they then state why. */
const alwaysCompared: readonly HeadlineFigure[] = ['detections', 'posts']

/** Versions compared next to each other. */
const columns = 4

export const versionsValue = (
  visit: Visit,
  edition: Edition,
  {
    versions,
    more,
    dossiers,
    newestHere,
    now,
  }: {
    readonly versions: readonly VersionSeen[]
    readonly more: boolean
    readonly dossiers: readonly CampaignCode[]
    readonly newestHere: NewestVersion | undefined
    /** Milliseconds, for the expiry of flash notes. */
    readonly now: number
  },
) => {
  const { words, href } = visit
  const { territory: code, period, cap } = edition
  const territory = subjectOf(code)
  const published = versions.filter((one) => one.is === 'published')
  const side = published.slice(0, columns).toReversed()
  const rows = headlineFigures
    .map((figure) => ({
      figure,
      name: words.say(`measure.${figure}`),
      totals: side.map(({ totals }) => totalIn(totals, figure)),
    }))
    .filter(({ figure, totals }) => alwaysCompared.includes(figure) || totals.some(({ value }) => value !== null))
  const oldest = versions.at(-1)
  const newest = published[0]?.report
  const dossier = newest?.dossier
  return {
    territory: dossier?.name ?? nameOf(code, words),
    kind: isFlashCode(code)
      ? ''
      : isCampaignCode(code)
        ? words.say('dossier.kind')
        : words.say('report.title', { cadence: period.cadence }),
    period: isCampaignCode(code) ? untilOf(period, words) : periodName(period, words),
    bounds: [{ label: words.say('room.field.cap'), text: cap }],
    again: mayDo(visit.caller, 'reports:create')
      ? { href: href('/room/reports', { territory: code, period: period.id, cap }), label: words.say('room.again') }
      : null,
    notes:
      !isOnRequest(code) && (mayDo(visit.caller, 'notes:write') || mayDo(visit.caller, 'notes:approve'))
        ? { href: href('/room/notes', { territory: code, period: period.id }), label: words.say('room.notes') }
        : null,
    dossiers: dossiersOf(visit, newest, dossiers),
    side:
      side.length === 0
        ? null
        : {
            title: words.say(side.length === 1 ? 'room.side.one' : 'room.side'),
            columns: side.map(({ version, asOf }) => ({
              label: words.say('room.version', { version }),
              asOf: timeIn(Date.parse(asOf), territory, words),
            })),
            rows: rows.map(({ name, totals }) => ({
              name,
              cells: totals.map((total, at) => {
                const before = totals[at - 1]
                return {
                  ...figureOf(total, words),
                  column: words.say('room.version', { version: side[at]?.version ?? 0 }),
                  changed: before && !isSame(before, total) ? words.say('room.did.changed') : '',
                }
              }),
            })),
          },
    versions: versions.map((one) => versionOf(visit, edition, one, { newestHere, now })),
    older:
      more && oldest
        ? {
            href: href(versionsPath(edition), { before: String(oldest.version) }),
            label: words.say('room.versions.older'),
          }
        : null,
  }
}

const dossiersOf = ({ words, caller, href }: Visit, report: Report | undefined, known: readonly CampaignCode[]) => {
  const named = report && !report.dossier ? report.campaigns : []
  const links = named.flatMap(({ name }) => {
    const code = campaignCode(name)
    return known.includes(code) && isSubjectFor(caller, code)
      ? [{ label: name, href: href('/room/archive', { territory: code }) }]
      : []
  })
  return links.length === 0 ? null : { title: words.say('room.dossiers'), links }
}

const isSame = (one: Total, other: Total): boolean => one.value === other.value && one.qualifier === other.qualifier

const recallIn = (words: RoomWording, { reason, refusedBy }: Pick<Recalled, 'reason' | 'refusedBy'>): TextWithLang => {
  if (refusedBy === undefined) return reasonIn(words, reason)
  const text = words.say(`room.why.refused${reason === '' ? '' : 'For'}`, { by: refusedBy, reason })
  return { text: harmless(text), lang: '' }
}

const versionOf = (
  visit: Visit,
  edition: Edition,
  one: VersionSeen,
  seen: { readonly newestHere: NewestVersion | undefined; readonly now: number },
) => {
  const { words } = visit
  const { now } = seen
  const subject = subjectOf(edition.territory)
  const base = {
    anchor: `v${one.version}`,
    title: words.say('room.version', { version: one.version }),
    state: words.say(`room.state.${one.is === 'published' ? placeOf(one) : one.is}`),
    alert: one.is !== 'published',
    asOf: words.say('room.asOf', { asOf: timeIn(Date.parse(one.asOf), subject, words) }),
    ...actsOf(visit, edition, one, seen),
  }
  if (one.is !== 'published') {
    const why = one.is === 'held' ? reasonIn(words, asFault(one.reason)) : recallIn(words, one)
    const reason = words.formatRich(`room.why.${one.is}`, { reason: why.text ? [why] : words.say('room.why.unsaid') })
    return { ...base, chip: null, reconstructed: '', reason, changes: null, files: null }
  }
  const { changes } = one.report.pages[words.language]
  const { flash } = one.report
  const shownFlash = flash && {
    until: flash.until,
    ...(one.approvedBy !== undefined && { approvedBy: one.approvedBy }),
  }
  const state = [
    base.state,
    ...describeFlash({ territory: edition.territory, ...(shownFlash && { flash: shownFlash }) }, now, words),
  ]
  return {
    ...base,
    state: state.join(' · '),
    chip: chipOf(one.marking),
    reconstructed: one.reconstructed ? words.say('room.reconstructed') : '',
    reason: ownWords(
      changes || one.reconstructed
        ? ''
        : words.say(one.report.replacesRecalled === undefined ? 'room.first' : 'room.afterRecall'),
    ),
    changes,
    files: filesOf(visit, edition, one.version, one.files),
  }
}

const placeOf = ({ isCurrent, reconstructed }: Extract<VersionSeen, { is: 'published' }>) =>
  isCurrent ? 'stands' : reconstructed ? 'beside' : 'superseded'

/** Path of the public key that verifies manifests. */
export const signingKeyPath = '/room/signing-key'

const filesOf = (visit: Visit, edition: Edition, version: number, files: readonly ManifestFile[]) => {
  const { words } = visit
  const about = reportId(edition, version)
  const link = (name: string, label: string, lang = '') => {
    const file = files.find((one) => one.name === name)
    return file
      ? [{ href: fileHref(visit, edition, version, name), label, lang, about, size: sizeOf(file.bytes, words) }]
      : []
  }
  const inBoth = (kind: string) =>
    languages.flatMap((language) =>
      link(`report.${language}.${kind}`, words.say(`room.language.${language}`), language),
    )
  return [
    { label: words.say('web.link.read'), links: inBoth('html') },
    { label: words.say('web.link.pdf'), links: inBoth('pdf') },
    {
      label: words.say('room.files.data'),
      links: [
        ...link('detections.csv', 'CSV'),
        ...link('report.stix.json', 'STIX 2.1'),
        ...link('report.misp.json', 'MISP'),
        ...link('report.json', 'JSON'),
      ],
    },
    {
      label: words.say('room.files.proof'),
      links: [
        ...[manifestName, signatureName].map((name) => ({
          ...{ href: fileHref(visit, edition, version, name), label: name },
          ...{ lang: '', about, size: '' },
        })),
        {
          ...{ href: visit.href(signingKeyPath), label: words.say('room.files.key') },
          ...{ lang: '', about, size: '' },
        },
      ],
    },
  ]
}

export const markingsOf = (versions: readonly VersionSeen[]): readonly Marking[] =>
  versions.flatMap((one) => (one.is === 'published' ? [one.marking] : []))
