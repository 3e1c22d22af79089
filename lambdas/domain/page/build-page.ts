import { capitalised } from '../core/language/language.ts'
import type { Language } from '../core/language/languages.ts'
import type { ReportWording } from '../core/language/report-wording.ts'
import { isPublicCap, markingSlug } from '../core/marking.ts'
import { type Subject, subjectOf } from '../core/place/territory.ts'
import { type FlashFacts, weeklyState } from '../flash/flash.ts'
import type { Entry, Facts } from '../report/facts.ts'
import { type SectionName, sectionNames } from '../report/organisation.ts'
import { dossierBounds, dossierPeriod, dossierSection } from './dossier/dossier.ts'
import { basisOf } from './first/basis.ts'
import { undecidedEffect } from './first/effect-text.ts'
import { pageOne } from './first/page-one.ts'
import { flashBounds, flashChanges, flashPeriod, flashSection, flashUnknown } from './flash/flash.ts'
import { acrossSection } from './front/across.ts'
import { annexSection } from './front/annex.ts'
import { changesSection } from './front/changes.ts'
import { closingOf } from './front/closing.ts'
import { boundsOf, figuresOf } from './front/front.ts'
import { groupSection } from './front/group.ts'
import { noteCards, watchFor } from './front/note.ts'
import { sinceSection } from './front/since.ts'
import { subPeriodsOf } from './front/sub-periods.ts'
import { timeOf } from './front/time.ts'
import { unknownOf } from './front/unknown.ts'
import { disarmSection } from './manoeuvre/disarm.ts'
import { lineTable } from './manoeuvre/lists.ts'
import { cardsOf } from './manoeuvre/manoeuvre.ts'
import { chartedIn, isCrowded, otherManoeuvres, detailedIn } from './manoeuvre/others.ts'
import type { Page, Report } from './page.ts'
import { editionKind, flashWordingOf, reportWordingOf } from './words/edition-words.ts'
import { periodLine, shortPeriod } from './words/phrases.ts'
import { watchLine, watchSection } from './words/watch.ts'

export const reportOf = (facts: Facts): Report => ({
  ...facts,
  pages: { fr: pageOf(facts, 'fr'), en: pageOf(facts, 'en') },
})

export const pageOf = (facts: Facts, language: Language): Page =>
  facts.flash ? flashPage(facts, facts.flash, language) : reportPage(facts, language)

const flashPage = (facts: Facts, flash: FlashFacts, language: Language): Page => {
  const words = flashWordingOf(facts, language)
  const territory = subjectOf(facts.territory.code)
  const section = flashSection(facts, territory, words)
  const page = reportPage(facts, language)
  if (!section) return page
  const period = flashPeriod(facts, words)
  const [called, kind] = [
    territory.name[language],
    words.say('flash.before', { state: weeklyState(flash, facts.asOf) }),
  ]
  return {
    ...page,
    documentTitle: words.say('report.documentTitle', { territory: called, kind, period, marking: facts.marking }),
    description: words.say('flash.description', { period }),
    kind,
    period,
    running: {
      head: `Vigie · ${called}`,
      foot: words.say('flash.foot', { code: facts.territory.code, version: facts.version }),
    },
    bounds: flashBounds(facts, flash, words),
    figures: { ...page.figures, rows: [], note: [] },
    since: null,
    unknown: page.unknown && flashUnknown(page.unknown, facts, words),
    order: [],
    contents: { ...page.contents, items: [] },
    flash: section,
    ...{ manoeuvres: null, time: null, disarm: null, ongoing: null, undatedHere: null, across: null, annex: null },
    closing: [...flashChanges(facts, territory, words), ...page.closing],
  }
}

const reportPage = (facts: Facts, language: Language): Page => {
  const words = reportWordingOf(facts, language)
  const { house } = facts
  const territory = subjectOf(facts.territory.code)
  const name = territory.name[language]
  const dossier = dossierSection(facts, territory, words)
  const kind = dossier ? words.say('dossier.about') : words.say('report.title', { cadence: facts.period.cadence })
  const period = facts.dossier ? dossierPeriod(facts, facts.dossier, words) : periodLine(facts, words)
  const sections = sectionsOf(facts, territory, words)
  const group = groupSection(facts, words)
  const first = facts.dossier || facts.flash ? null : pageOne(facts, territory, words)
  const titleOf = (section: SectionName): string =>
    section === 'disarm' ? (sections.disarm?.title ?? '') : words.say(section)
  const order = (house.sections ?? sectionNames).filter((section) => sections[section] !== null)
  // page.territory is in mail subjects, so that it must not name the campaign.
  const called = dossier?.name ?? name
  const title = dossier?.kind ?? kind
  return {
    lang: language,
    edition: editionKind(facts),
    documentTitle: words.say('report.documentTitle', {
      territory: called,
      kind: title,
      period,
      marking: facts.marking,
    }),
    description: capitalised(words.say('report.description', { territory: called, kind: title, period })),
    tagline: words.say('brand.tagline'),
    banner: isPublicCap(facts.cap) ? words.say('edition.banner', { marking: markingSlug(facts.marking) }) : '',
    marking: facts.marking,
    markingSlug: markingSlug(facts.marking),
    territory: name,
    territoryCode: territory.code,
    kind,
    period,
    running: {
      head: `Vigie · ${called} · ${dossier ? period : words.days(facts.period.first, facts.period.last)}`,
      foot: words.say('page.version', {
        period: facts.dossier
          ? words.say('dossier.until', { day: words.days(facts.period.last, facts.period.last) })
          : shortPeriod(facts, words),
        version: facts.version,
      }),
    },
    bounds: facts.dossier ? dossierBounds(facts, facts.dossier, words) : boundsOf(facts, territory, words),
    notes: noteCards(facts, territory, words),
    first,
    subPeriods: first ? subPeriodsOf(facts, words) : null,
    basis: facts.level ? basisOf(facts.level, undecidedEffect(facts), words) : null,
    figures: figuresOf(facts, words),
    since: dossier ? null : sinceSection(facts, words),
    unknown: facts.flash ? unknownOf(facts, words) : null,
    watchFor: dossier ? null : watchFor(facts, words),
    watch: dossier ? null : watchLine(facts, words),
    house: {
      organisation: house.organisation ?? '',
      logo: house.logo ?? '',
      accent: house.accent ?? '',
      accentDark: house.accentDark ?? '',
    },
    order,
    contents: {
      items: [
        ...(group ? [{ anchor: 'group', title: words.say('group') }] : []),
        ...(dossier?.chapters ?? []).map(({ anchor, title }) => ({ anchor, title })),
        ...order.map((section) => ({ anchor: section, title: titleOf(section) })),
      ],
    },
    group,
    dossier,
    flash: null,
    ...sections,
    closing: closingOf(facts, words),
  }
}

/** In a crowded period; report.json has all techniques. */
const idsInCrowd = 5

/** Null for an empty section. */
const sectionsOf = (facts: Facts, territory: Subject, words: ReportWording) => {
  const detailed = facts.dossier ? [] : detailedIn(facts)
  const manoeuvres =
    detailed.length === 0
      ? null
      : {
          cards: cardsOf(detailed, facts, territory, words, chartedIn(facts)),
          rest: otherManoeuvres(facts, territory, words),
        }
  const time = facts.totals.detections === 0 || facts.dossier ? null : timeOf(facts, territory, words)
  const disarm = facts.quiet ? null : disarmSection(facts, words, isCrowded(facts) ? idsInCrowd : undefined)
  const listed = (entries: readonly Entry[], anchor: 'ongoing' | 'undatedHere') =>
    entries.length === 0
      ? null
      : lineTable(anchor, words.say(anchor), words.say(`${anchor}.note`), entries, territory, words, {
          key: 'list.more',
          count: facts.unlisted[anchor],
          year: facts.period.last.slice(0, 4),
        })
  const ongoing = listed(facts.ongoing, 'ongoing')
  const undatedHere = listed(facts.undatedHere, 'undatedHere')
  const changes = changesSection(facts, territory, words)
  const across = acrossSection(facts, territory, words)
  return {
    manoeuvres,
    time,
    disarm,
    ongoing,
    undatedHere,
    across,
    sources: watchSection(facts, territory, words),
    changes,
    annex: annexSection(facts, territory, words, facts.house.rightOfReply?.[words.language]),
  } satisfies { [name in SectionName]: object | null }
}
