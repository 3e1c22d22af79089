import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { Facts } from '../../report/facts.ts'
import { notePoints, type PrintedNote } from '../../report/note.ts'
import { type AssessmentField, confidenceField, likelihoodField } from '../manoeuvre/assessment.ts'
import { languageWord, momentIn, original, plain } from '../words/phrases.ts'

type NoteFacts = Pick<Facts, 'notes'> & Partial<Pick<Facts, 'flash' | 'since'>>

/** Notes with only a watch request have no card: see {@link watchFor}. */
export const noteCards = (facts: NoteFacts, territory: Subject, words: ReportWording) =>
  facts.notes
    .map((note) =>
      isApproval(note) ? approvalCard(note, facts, territory, words) : noteCard(note, facts, territory, words),
    )
    .filter(({ approves, blocks, fields, points }) => approves || blocks.length + fields.length + points.length > 0)

const isApproval = ({ approves, blocks, likelihood, confidence, ended = [], ...note }: PrintedNote): boolean =>
  approves &&
  blocks.length + ended.length === 0 &&
  (likelihood ?? confidence) === undefined &&
  notePoints.every((name) => (note[name] ?? []).length === 0)

/** Uses the page's words: the note has none. */
const approvalCard = (note: PrintedNote, facts: NoteFacts, territory: Subject, words: ReportWording) => ({
  ...noteCard(note, facts, territory, words),
  label: words.say('note.approval'),
  ...{ approves: '', lang: '', inLanguage: '' },
  blocks: [{ ordered: false, list: false, items: [plain(words.say('note.approval.text', { author: note.author }))] }],
})

export type NoteCard = ReturnType<typeof noteCard>

const noteCard = (note: PrintedNote, facts: NoteFacts, territory: Subject, words: ReportWording) => ({
  label: words.say(note.blocks.length > 0 ? 'note' : 'note.points'),
  author: note.author,
  role: roleWords(note, words),
  written: momentIn(Date.parse(note.writtenAt), territory, words),
  approves: note.approves ? words.say('note.approves') : '',
  marking: note.marking,
  /** The note's language if it differs from the page's, as code and in words. */
  lang: langOf(note, words),
  inLanguage: langOf(note, words) && words.say('note.inLanguage', { language: languageWord(note.language, words) }),
  blocks: note.blocks.map(({ kind, items }) => ({
    ordered: kind === 'numbers',
    list: kind !== 'paragraph',
    items,
  })),
  /** Likelihood of the hypothesis and confidence in the judgement: always two fields. */
  fields: fieldsOf(note, words),
  points: pointsOf(note, facts, words),
})

/** Default roles of the reading room, printed in the page's language. */
const knownRoles = new Map([
  ['analyst', 'analyst'],
  ['analyste', 'analyst'],
  ['approver', 'approver'],
  ['approbateur', 'approver'],
] as const)

const roleWords = ({ role }: PrintedNote, words: ReportWording): string => {
  const known = (knownRoles as ReadonlyMap<string, 'analyst' | 'approver'>).get(role)
  return known ? words.say(`note.role.${known}`) : role
}

export const langOf = ({ language }: PrintedNote, words: ReportWording): string =>
  language === words.language ? '' : language

const fieldsOf = ({ likelihood, confidence }: PrintedNote, words: ReportWording): readonly AssessmentField[] => [
  ...(likelihood ? [likelihoodField(likelihood.term, '', words, likelihood.of)] : []),
  ...(confidence ? [confidenceField(words.say('manoeuvre.analyticConfidence'), confidence, '', words)] : []),
]

const pointsOf = (note: PrintedNote, { flash, since }: NoteFacts, words: ReportWording) =>
  [
    // A flash note has its advice at the end.
    ...(flash ? (['unknown'] as const) : (['unknown', 'recommended', 'avoid'] as const)).map((name) => ({
      title: words.say(`note.${name}`),
      items: note[name] ?? [],
    })),
    { title: words.say('note.ended'), items: (note.ended ?? []).map((name) => endedName(name, since, words)) },
  ].filter(({ items }) => items.length > 0)

const endedName = (name: string, since: Facts['since'], words: ReportWording): readonly Segment[] => {
  const title = since?.ended.listed.find(({ id, campaign }) => id === name && campaign === undefined)?.title
  return title ? original(title, words, words.quoted) : plain(name)
}

export type WatchFor = ReturnType<typeof watchFor>

export const watchFor = ({ notes }: Pick<Facts, 'notes'>, words: ReportWording) => {
  const saying = notes.filter(({ watch = [] }) => watch.length > 0)
  const authors = [
    ...new Set(
      saying.map((note) => {
        const { author, marking } = note
        return words.say('watchFor.author', { author, role: roleWords(note, words), marking })
      }),
    ),
  ]
  return {
    note:
      saying.length > 0
        ? words.say('watchFor.by', { list: words.list(authors) })
        : words.say(notes.length > 0 ? 'watchFor.none' : 'watchFor.noNote'),
    items: saying.flatMap((note) => (note.watch ?? []).map((text) => ({ text, lang: langOf(note, words) }))),
  }
}
