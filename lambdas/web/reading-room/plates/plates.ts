import { mayDo } from '../../../domain/access/caller.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { defang } from '../../../domain/core/text/defang.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { maskText } from '../../../domain/plate/mask.ts'
import { type Partner, type Plate, type PlateDetails, withoutUnknownPartner } from '../../../domain/plate/plate.ts'
import { removalReason } from '../../../domain/plate/retention.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import type { KnownPlate, NamedBy, readableShowing } from '../../../usecases/plates/know-plates.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { actionForm, effectHead, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { aboutOf, shortHash } from '../frame/names.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { detectionHref, editionHref, platePath, platesPath, recallPath } from '../frame/paths.ts'

type Versions = Awaited<ReturnType<typeof readableShowing>>

/** Maximum of detections named next to an image in the list. */
const namedInList = 5

/** Describes an image for a page; each request of its address checks access. */
const pictureOf = ({ href, words }: Visit, plate: Plate) => {
  const { sha256, alt, width, height, removed } = plate
  return {
    src: removed ? '' : href(`${platePath(plate)}/picture`),
    alt: harmless(alt[words.language]),
    ...{ width, height },
    instead: removed ? words.say('room.plates.removed') : '',
    reason: removed ? removedText(words, removed) : '',
    href: href(platePath({ sha256 })),
    caption: harmless(plate.caption[words.language]),
    chip: chipOf(plate.marking),
  }
}

const removedText = (words: RoomWording, removed: NonNullable<Plate['removed']>): string =>
  words.say('room.detection.reason', { reason: reasonIn(words, removalReason(removed)).text })

const publishedText = (words: RoomWording, { source, date }: PlateDetails): string =>
  words.say('room.plates.published', { source: harmless(source), date: dateText(words, date) })

const dateText = (words: RoomWording, date: string): string => {
  if (date.length === 10) return words.days(date, date)
  return date.length === 7 ? words.month(date) : date
}

const addedText = ({ words, clock }: Visit, { by, addedAt }: Plate): string =>
  words.say('room.plates.addedBy', { by: harmless(by), at: timeIn(Date.parse(addedAt), clock, words) })

const detectionLinks = (visit: Visit, namedBy: readonly NamedBy[]) =>
  namedBy.map(({ id, marking }) => ({ href: detectionHref(visit, id), label: harmless(id), chip: chipOf(marking) }))

/** Falls back to the detections of images shown next to it in reports. */
const namedValue = (visit: Visit, { namedBy, besides }: KnownPlate) => {
  const { words } = visit
  const alongsideNamedBy = besides.flatMap((one) => one.namedBy)
  const isAlongside = namedBy.length === 0 && besides.length > 0
  const all = isAlongside ? [...new Map(alongsideNamedBy.map((one) => [one.id, one])).values()] : namedBy
  return {
    named: words.say(isAlongside ? 'room.plates.besideNamed' : 'room.plates.namedBy', { count: all.length }),
    detections: detectionLinks(visit, all.slice(0, namedInList)),
    more: all.length > namedInList ? words.say('since.more', { count: all.length - namedInList }) : '',
  }
}

const addLink = ({ words, href, caller }: Visit) =>
  mayDo(caller, 'detections:write') ? { href: href(`${platesPath}/add`), label: words.say('room.plates.add') } : null

export const platesOf = (visit: Visit, plates: readonly Plate[]) => ({
  title: visit.words.say('room.plates'),
  rows: plates.map((plate) => pictureOf(visit, plate)),
})

export const platesValue = (
  visit: Visit,
  known: readonly KnownPlate[],
  { isFirst, next }: { readonly isFirst: boolean; readonly next: string | undefined },
) => {
  const { words, href } = visit
  return {
    add: addLink(visit),
    rows: known.map((one) => ({
      ...pictureOf(visit, one.plate),
      published: publishedText(words, one.plate),
      added: addedText(visit, one.plate),
      ...namedValue(visit, one),
    })),
    pager: {
      first: isFirst ? '' : href(platesPath),
      next: next === undefined ? '' : href(platesPath, { after: next }),
    },
  }
}

type Bound = { readonly label: string; readonly text: string; readonly lang?: string; readonly code?: boolean }

const bound = (label: string, text: string, more: Partial<Bound> = {}) => ({
  ...{ label, text, lang: '', code: false },
  ...more,
})

export const descriptionBounds = (words: RoomWording, details: PlateDetails) => [
  ...(['caption', 'alt', 'changes'] as const).flatMap((name) => {
    const texts = details[name]
    if (!texts) return []
    return languages.map((language) =>
      bound(
        words.say(`room.plate.${name}`, { language: words.say(`room.plate.in.${language}`) }),
        harmless(texts[language]),
        {
          lang: language,
        },
      ),
    )
  }),
  bound(words.say('room.plate.source'), harmless(details.source)),
  bound(words.say('room.plate.date'), dateText(words, details.date)),
  bound(
    words.say('room.plate.archive'),
    details.archive === undefined ? words.say('room.plate.archive.none') : harmless(defang(details.archive)),
  ),
  ...(details.crop ? [bound(words.say('room.plate.crop'), maskText(details.crop), { code: true })] : []),
]

type PlateShown = KnownPlate & {
  readonly partners: readonly Partner[]
  readonly versions: Versions
}

export const plateValue = (visit: Visit, { plate, namedBy, besides, partners, versions }: PlateShown) => {
  const { words, href, caller, clock } = visit
  const { removed, sha256, received, masks, by, width, height, kind } = plate
  const maySay = mayDo(caller, 'detections:write')
  return {
    picture: pictureOf(visit, plate),
    state: removed ? '' : words.say('room.plate.state'),
    removed: removed
      ? words.say('room.plate.removed.by', {
          by: harmless(removed.by),
          at: timeIn(Date.parse(removed.at), clock, words),
          reason: reasonIn(words, removalReason(removed)).text,
        })
      : '',
    back: { href: href(platesPath), label: words.say('room.plate.back') },
    acts: maySay
      ? [
          { href: href(`${platesPath}/add`, { like: sha256 }), label: words.say('room.plate.like'), style: 'second' },
          ...(removed
            ? []
            : [{ href: href(`${platePath(plate)}/remove`), label: words.say('room.plate.remove'), style: 'alert' }]),
        ]
      : [],
    details: {
      bounds: [
        ...descriptionBounds(
          words,
          // The stated changes may reveal an original that the caller may not know.
          withoutUnknownPartner(plate, (hash) => partners.some((one) => one.plate.sha256 === hash)),
        ),
        bound(words.say('room.plate.masked'), words.say('room.plate.masked.count', { count: masks, by: harmless(by) })),
        bound(words.say('room.plate.by'), `${harmless(by)}, ${timeIn(Date.parse(plate.addedAt), clock, words)}`),
        bound(
          words.say('room.plate.size'),
          words.say('room.plate.size.of', { width, height, kind: kind.slice(6).toUpperCase() }),
        ),
        bound(words.say('room.plate.sha256'), sha256, { code: true }),
        bound(words.say('room.plate.received'), received, { code: true }),
      ],
      pairs: partners.map((one) => ({
        label: words.say('room.plate.pair', { role: one.role }),
        ...pictureOf(visit, one.plate),
      })),
    },
    naming: {
      none:
        namedBy.length > 0 ? '' : words.say(besides.length > 0 ? 'room.plate.naming.itself' : 'room.plate.naming.none'),
      rows: detectionLinks(visit, namedBy),
      alongside: besides.length > 0 ? words.say('room.plate.beside') : '',
      besides: besides.map((one) => ({
        label: words.say('room.plate.beside.role', { role: one.role }),
        href: href(platePath(one.plate)),
        caption: harmless(one.plate.caption[words.language]),
        chip: chipOf(one.plate.marking),
        none: one.namedBy.length === 0 ? words.say('room.plate.beside.none') : '',
        detections: detectionLinks(visit, one.namedBy),
      })),
      how: maySay && !removed ? words.say('room.plate.naming.how') : '',
      sha256,
    },
    versions: {
      none: versions.length === 0 ? words.say('room.plate.versions.none') : '',
      note: versions.length === 0 ? '' : words.say('room.plate.versions.note'),
      rows: versionRows(visit, versions),
    },
  }
}

const versionName = (entry: Versions[number], words: RoomWording) => {
  const edition = editionOf(entry)
  const { campaign } = entry.published ?? {}
  const about = aboutOf({ ...entry, period: edition.period, ...(campaign !== undefined && { campaign }) }, words)
  return {
    about: words.say('room.coverage.of', { territory: harmless(about.name), period: about.period }),
    edition: words.say('room.edition', { cap: entry.cap }),
    version: words.say('room.version', { version: entry.version }),
  }
}

const versionRows = (visit: Visit, versions: Versions) =>
  versions.map((entry) => {
    const { words, href, caller } = visit
    const edition = editionOf(entry)
    return {
      ...versionName(entry, words),
      href: editionHref(visit, edition, entry.version),
      recall: mayDo(caller, 'reports:recall')
        ? { href: href(recallPath(edition, entry.version)), label: words.say('room.recall.link') }
        : null,
    }
  })

export const removeValue = (visit: Visit, plate: Plate, versions: Versions, input: WhoAndWhy) => {
  const { words, href } = visit
  return {
    name: { text: harmless(plate.caption[words.language]), lang: '' },
    id: shortHash(plate.sha256),
    chip: chipOf(plate.marking),
    state: publishedText(words, plate),
    lead: words.say('room.plate.remove.lead'),
    back: { href: href(platePath(plate)), label: words.say('room.plate.remove.back') },
    ...{ fault: [], faster: null },
    effect: {
      ...effectHead(words),
      rows: [
        {
          label: words.say('room.plate.remove.picture'),
          before: words.say('room.plate.remove.there', { marking: plate.marking }),
          after: words.say('room.plate.remove.gone'),
        },
        {
          label: words.say('room.plate.remove.reports'),
          before: words.say('room.plate.remove.shown'),
          after: words.say('room.plate.remove.frame'),
        },
      ],
      stays: words.say('room.plate.remove.versions', { count: versions.length }),
      versions: versions.map((entry) => Object.values(versionName(entry, words)).join(' · ')),
      wayBack: words.say('room.plate.remove.wayBack'),
      actionForm: null,
    },
    form: {
      title: words.say('room.plate.remove'),
      actionForm: actionForm(visit, {
        action: href(`${platePath(plate)}/remove`),
        fields: whoAndWhy(visit, input, 'room.plate.reason.note'),
        buttons: [{ label: words.say('room.plate.remove'), does: 'do', look: 'alert' }],
      }),
    },
    text: '',
  }
}
