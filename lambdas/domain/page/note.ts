/** Analysts' notes on a page: above the key points, each with who wrote it, in which role, and its marking. */
import type { Segment, Wording } from '../core/language.ts'
import type { Marking } from '../core/marking.ts'
import type { Subject } from '../core/territory.ts'
import type { Facts } from '../report/facts.ts'

export type NoteCard = {
  readonly label: string
  readonly author: string
  readonly role: string
  readonly written: string
  readonly approves: string
  readonly marking: Marking
  /** The note's language, where it is not the page's. */
  readonly lang: string
  readonly blocks: readonly {
    readonly ordered: boolean
    readonly list: boolean
    readonly items: readonly (readonly Segment[])[]
  }[]
}

export const noteCards = (facts: Facts, territory: Subject, words: Wording): readonly NoteCard[] =>
  facts.notes.map((note) => ({
    label: words.say('note'),
    author: note.author,
    role: note.role,
    written: words.moment(Date.parse(note.writtenAt), territory.zone),
    approves: note.approves ? words.say('note.approves') : '',
    marking: note.marking,
    lang: note.language === words.language ? '' : note.language,
    blocks: note.blocks.map(({ kind, items }) => ({ ordered: kind === 'numbers', list: kind !== 'paragraph', items })),
  }))
