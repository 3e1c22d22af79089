/** What the page of one language prints, but for the constant labels that templates hold. */

import type { Language } from '../core/language/languages.ts'
import type { Marking } from '../core/marking.ts'
import type { Facts } from '../report/facts.ts'
import type { SectionName } from '../report/organisation.ts'
import type { DossierSection } from './dossier/dossier.ts'
import type { FlashSection } from './flash/flash.ts'
import type { AcrossSection } from './front/across.ts'
import type { AnnexSection } from './front/annex.ts'
import type { ChangesSection } from './front/changes.ts'
import type { Essentials, FigureTable } from './front/front.ts'
import type { GroupSection } from './front/group.ts'
import type { NoteCard, WatchFor } from './front/note.ts'
import type { SinceSection } from './front/since.ts'
import type { TimeSection } from './front/time.ts'
import type { Unknown } from './front/unknown.ts'
import type { DisarmSection } from './manoeuvre/disarm.ts'
import type { LineTable } from './manoeuvre/lists.ts'
import type { ManoeuvreCard } from './manoeuvre/manoeuvre.ts'
import type { OtherManoeuvres } from './manoeuvre/others.ts'
import type { EditionKind } from './words/edition-words.ts'
import type { Row } from './words/phrases.ts'
import type { WatchLine, WatchSection } from './words/watch.ts'

export type Page = {
  readonly lang: Language
  /** By which templates choose their labels. */
  readonly edition: EditionKind
  readonly documentTitle: string
  readonly description: string
  readonly tagline: string
  /** That a published edition shows only what may be published; else ''. */
  readonly banner: string
  readonly marking: Marking
  readonly markingSlug: string
  readonly territory: string
  readonly territoryCode: string
  readonly kind: string
  readonly period: string
  /** Short line for the head of each sheet, and for its foot. */
  readonly running: { readonly head: string; readonly foot: string }
  readonly bounds: readonly {
    readonly label: string
    readonly text: string
    /** To the report that the text names. */
    readonly link?: { readonly text: string; readonly href: string }
  }[]
  readonly notes: readonly NoteCard[]
  readonly essentials: Essentials
  readonly figures: FigureTable
  /** What is new, goes on, has ended and was corrected. */
  readonly since?: SinceSection | null
  /** Never empty. */
  /** Null in a dossier, which tells them beside what it could not see. */
  readonly unknown: Unknown | null
  readonly watchFor: WatchFor | null
  /** How the watch was kept, in a line; null in a quiet report, whose findings say it. */
  readonly watch: WatchLine | null
  /** What the organisation puts in place of the usual; empty where it says nothing. */
  readonly house: { readonly [field in 'organisation' | 'logo' | 'accent' | 'accentDark']: string }
  /** The sections that there are, in the organisation's order. */
  readonly order: readonly SectionName[]
  readonly contents: {
    readonly items: readonly { readonly anchor: string; readonly title: string }[]
  }
  /** Of a group's report, before all other sections. */
  readonly group: GroupSection | null
  /** Of a campaign's dossier: its front, and its chapters before all other sections. */
  readonly dossier: DossierSection | null
  /** Of a flash note: all of its one page that other reports do not have. */
  readonly flash?: FlashSection | null
  readonly manoeuvres: {
    readonly cards: readonly ManoeuvreCard[]
    readonly rest: OtherManoeuvres | null
  } | null
  readonly time: TimeSection | null
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
