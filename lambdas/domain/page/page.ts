/** What one language’s page prints: every word and number of a report, ready to be looped over by a template. */

import { capitalised, type Language, type Segment, wordingOf } from '../core/language.ts'
import { type Marking, markingSlug } from '../core/marking.ts'
import { territoryOf } from '../core/territory.ts'
import type { Entry, Facts } from '../report/facts.ts'
import { type SectionName, sectionNames } from '../report/organisation.ts'
import { type AcrossSection, acrossSection } from './across.ts'
import { type AnnexSection, annexSection } from './annex.ts'
import { type ChangesSection, changesSection } from './changes.ts'
import { closingOf } from './closing.ts'
import { type DisarmSection, disarmSection } from './disarm.ts'
import { boundsOf, essentialsOf, type FigureRow, figuresOf } from './front.ts'
import { type LineTable, lineTable, type ShareTable } from './lists.ts'
import { cardsOf, type ManoeuvreCard } from './manoeuvre.ts'
import { type NoteCard, noteCards } from './note.ts'
import { periodLine, type Row, shortPeriod } from './phrases.ts'
import { type Bar, type Bracket, type Peak, timeOf } from './time.ts'
import { type WatchSection, watchLine, watchSection } from './watch.ts'

export type Page = {
  readonly lang: Language
  readonly documentTitle: string
  readonly description: string
  readonly tagline: string
  readonly skip: string
  readonly marking: Marking
  readonly markingSlug: string
  readonly territory: string
  readonly territoryCode: string
  readonly kind: string
  readonly period: string
  /** Short line for the head of each sheet, and for its foot. */
  readonly running: { readonly head: string; readonly foot: string }
  readonly bounds: readonly { readonly label: string; readonly text: string }[]
  readonly notes: readonly NoteCard[]
  readonly essentials: {
    readonly title: string
    readonly note: string
    /** In a quiet period, the one statement; else null. */
    readonly statement: string | null
    readonly findings: readonly (readonly Segment[])[]
  }
  readonly figures: {
    readonly title: string
    readonly head: {
      readonly measure: string
      readonly now: string
      readonly history: string
      readonly before: string
      readonly median: string
      readonly reading: string
    }
    readonly rows: readonly FigureRow[]
    readonly note: readonly Segment[]
  }
  /** How the watch was kept, in a line; null in a quiet report, whose findings say it. */
  readonly watch: { readonly label: string; readonly text: readonly Segment[] } | null
  /** What the house puts in place of the usual; empty where it says nothing. */
  readonly house: { readonly [said in 'organisation' | 'logo' | 'accent' | 'accentDark']: string }
  /** The sections that there are, in the house's order. */
  readonly order: readonly SectionName[]
  readonly contents: {
    readonly title: string
    readonly items: readonly { readonly anchor: string; readonly title: string }[]
  }
  readonly manoeuvres: {
    readonly title: string
    readonly cards: readonly ManoeuvreCard[]
    readonly rest: LineTable | null
  } | null
  readonly time: {
    readonly title: string
    readonly chart: {
      readonly title: string
      readonly note: string
      readonly text: string
      readonly bars: readonly Bar[]
      readonly brackets: readonly Bracket[]
      readonly peak: Peak | null
    } | null
    readonly head: { readonly day: string; readonly posts: string; readonly detections: string }
    readonly rows: readonly { readonly day: string; readonly posts: string; readonly detections: string }[]
    readonly undated: string
    readonly tables: readonly ShareTable[]
  } | null
  readonly disarm: DisarmSection | null
  readonly ongoing: LineTable | null
  readonly undatedHere: LineTable | null
  readonly across: AcrossSection | null
  readonly changes: ChangesSection | null
  readonly sources: WatchSection
  readonly annex: AnnexSection | null
  readonly closing: readonly Row[]
}

/** A report with its pages: what is archived as `report.json`. */
export type Report = Facts & { readonly pages: { readonly [language in Language]: Page } }

/** So many manoeuvres are told in full; so many more are lines in a table, and all that are listed in the annex. */
const toldAtMost = 12
const linedAtMost = 30

export const reportOf = (facts: Facts): Report => ({
  ...facts,
  pages: { fr: pageOf(facts, 'fr'), en: pageOf(facts, 'en') },
})

export const pageOf = (facts: Facts, language: Language): Page => {
  const words = wordingOf(language)
  const { house } = facts
  const territory = territoryOf(facts.territory.code)
  const name = territory.name[language]
  const kind = words.say('report.title', { cadence: facts.period.cadence })
  const period = periodLine(facts, words)
  const told = facts.manoeuvres.slice(0, toldAtMost)
  const rest = facts.manoeuvres.slice(toldAtMost, toldAtMost + linedAtMost)
  const more = facts.manoeuvres.length + facts.unlisted.manoeuvres - told.length - rest.length
  const manoeuvres =
    told.length === 0
      ? null
      : {
          title: words.say('manoeuvres'),
          cards: cardsOf(told, facts, territory, words),
          rest:
            rest.length === 0
              ? null
              : lineTable('rest', words.say('manoeuvres.rest'), '', rest, territory, words, {
                  key: 'manoeuvres.more',
                  count: more,
                }),
        }
  const time = facts.totals.detections === 0 ? null : timeOf(facts, territory, words)
  const disarm = facts.quiet ? null : disarmSection(facts, words)
  const listed = (entries: readonly Entry[], anchor: 'ongoing' | 'undatedHere') =>
    entries.length === 0
      ? null
      : lineTable(anchor, words.say(anchor), words.say(`${anchor}.note`), entries, territory, words, {
          key: 'list.more',
          count: facts.unlisted[anchor],
        })
  const ongoing = listed(facts.ongoing, 'ongoing')
  const undatedHere = listed(facts.undatedHere, 'undatedHere')
  const changes = changesSection(facts, territory, words)
  const across = acrossSection(facts, territory, words)
  const sections = {
    manoeuvres,
    time,
    disarm,
    ongoing,
    undatedHere,
    across,
    sources: watchSection(facts, territory, words),
    changes,
    annex: facts.quiet ? null : annexSection(facts, territory, words, house.rightOfReply?.[language]),
  } satisfies { [name in SectionName]: { readonly title: string } | null }
  const order = (house.sections ?? sectionNames).filter((section) => sections[section] !== null)
  return {
    lang: language,
    documentTitle: words.say('report.documentTitle', { territory: name, kind, period: period, marking: facts.marking }),
    description: capitalised(words.say('report.description', { territory: name, kind, period })),
    tagline: words.say('brand.tagline'),
    skip: words.say('brand.skip'),
    marking: facts.marking,
    markingSlug: markingSlug(facts.marking),
    territory: name,
    territoryCode: territory.code,
    kind,
    period,
    running: {
      head: `Vigie · ${name} · ${words.days(facts.period.first, facts.period.last)}`,
      foot: words.say('page.version', { period: shortPeriod(facts, words), version: facts.version }),
    },
    bounds: boundsOf(facts, territory, words),
    notes: noteCards(facts, territory, words),
    essentials: essentialsOf(facts, territory, words),
    figures: figuresOf(facts, words),
    watch: watchLine(facts, words),
    house: {
      organisation: house.organisation ?? '',
      logo: house.logo ?? '',
      accent: house.accent ?? '',
      accentDark: house.accentDark ?? '',
    },
    order,
    contents: {
      title: words.say('contents'),
      items: order.map((section) => ({ anchor: section, title: sections[section]?.title ?? '' })),
    },
    ...sections,
    closing: closingOf(facts, territory, words),
  }
}
