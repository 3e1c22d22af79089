/** The page in one language, without the constant labels of templates. */

import type { Language } from '../core/language/languages.ts'
import type { Marking } from '../core/marking.ts'
import type { Facts } from '../report/facts.ts'
import type { SectionName } from '../report/organisation.ts'
import type { DossierSection } from './dossier/dossier.ts'
import type { Basis } from './first/basis.ts'
import type { PageOne } from './first/page-one.ts'
import type { FlashSection } from './flash/flash.ts'
import type { AcrossSection } from './front/across.ts'
import type { AnnexSection } from './front/annex.ts'
import type { ChangesSection } from './front/changes.ts'
import type { FigureTable } from './front/front.ts'
import type { GroupSection } from './front/group.ts'
import type { NoteCard, WatchFor } from './front/note.ts'
import type { SinceSection } from './front/since.ts'
import type { SubPeriods } from './front/sub-periods.ts'
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
  readonly edition: EditionKind
  readonly documentTitle: string
  readonly description: string
  readonly tagline: string
  /** Only in a public edition. */
  readonly banner: string
  readonly marking: Marking
  readonly markingSlug: string
  readonly territory: string
  readonly territoryCode: string
  readonly kind: string
  readonly period: string
  readonly running: { readonly head: string; readonly foot: string }
  readonly bounds: readonly {
    readonly label: string
    readonly text: string
    readonly link?: { readonly text: string; readonly href: string }
  }[]
  readonly notes: readonly NoteCard[]
  /** Of a territory's report. */
  readonly first: PageOne | null
  /** Of a month or longer. */
  readonly subPeriods?: SubPeriods | null
  /** Null without a level. */
  readonly basis: Basis | null
  readonly figures: FigureTable
  readonly since?: SinceSection | null
  /** Of a flash note; others list unknowns elsewhere. */
  readonly unknown: Unknown | null
  readonly watchFor: WatchFor | null
  /** Null in a quiet report, whose findings state it. */
  readonly watch: WatchLine | null
  /** The organisation's branding; empty where it uses the default. */
  readonly house: { readonly [field in 'organisation' | 'logo' | 'accent' | 'accentDark']: string }
  readonly order: readonly SectionName[]
  readonly contents: {
    readonly items: readonly { readonly anchor: string; readonly title: string }[]
  }
  /** Only in a group's report. */
  readonly group: GroupSection | null
  /** Only in a campaign's dossier. */
  readonly dossier: DossierSection | null
  /** Only in a flash note. */
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

/** A report with its pages, archived as `report.json`. */
export type Report = Facts & { readonly pages: { readonly [language in Language]: Page } }
