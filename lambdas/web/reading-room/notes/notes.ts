import { mayDo } from '../../../domain/access/caller.ts'
import { confidenceLevels, likelihoods } from '../../../domain/core/estimates.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { fitsUnder, type Marking, markings } from '../../../domain/core/marking.ts'
import { type SubjectCode, subjectOf } from '../../../domain/core/place/territory.ts'
import { noteCards, watchFor } from '../../../domain/page/front/note.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import { type Note, notePoints } from '../../../domain/report/note.ts'
import { notesUnder } from '../../../domain/report/shown-notes.ts'
import { type KeptNote, mayApprove, type NoteWords } from '../../../usecases/reports/notes/write-note.ts'
import { byField, type SubmittedForm, actionForm, lineIn, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { periodName } from '../frame/names.ts'
import { choices, type Field, field, reportFields, type Visit } from '../frame/pages.ts'

export type About = Pick<Edition, 'territory' | 'period'>

const lines = ['role', 'language', 'marking', 'likelihood', 'of', 'confidence'] as const
const texts = ['text', ...notePoints] as const

type Cell = (typeof lines)[number] | (typeof texts)[number]

export type NoteFormInput = {
  readonly by: string
  readonly cells: Readonly<Record<Cell, string>>
  readonly wrong: Readonly<Record<string, string>>
}

export const initialInput = ({ words }: Visit): NoteFormInput => ({
  by: '',
  cells: {
    ...{ role: words.say('room.role.analyst'), language: words.language, marking: '', likelihood: '', of: '' },
    ...{ confidence: '', text: '', unknown: '', watch: '', recommended: '', avoid: '' },
  },
  wrong: {},
})

/** Browsers send line ends as CRLF. */
const textIn = (form: SubmittedForm, name: string): string => (form.get(name) ?? '').replaceAll('\r\n', '\n').trim()

export const readInput = (form: SubmittedForm, by: string): NoteFormInput => ({
  by,
  cells: Object.fromEntries([
    ...lines.map((name) => [name, lineIn(form, name)]),
    ...texts.map((name) => [name, textIn(form, name)]),
  ]) as NoteFormInput['cells'],
  wrong: {},
})

export const noteWordsOf = (
  { territory, period }: About,
  { by, cells }: NoteFormInput,
  writtenAt: string,
): NoteWords => {
  const { role, language, marking, likelihood, of, confidence, text } = cells
  const points = notePoints.flatMap((name) => {
    const filledLines = cells[name].split('\n').filter((line) => line.trim() !== '')
    return filledLines.length > 0 ? [[name, filledLines] as const] : []
  })
  return {
    ...{ territory, period: period.id, author: by, role, language, marking, approves: false, writtenAt },
    ...(text !== '' && { text }),
    ...((likelihood !== '' || of !== '') && { likelihood: { term: likelihood, of } }),
    ...(confidence !== '' && { confidence }),
    ...Object.fromEntries(points),
  }
}

const printed = (note: Note, { words }: Visit) => {
  const facts = { notes: notesUnder([note], note.marking) }
  const [card] = noteCards(facts, subjectOf(note.territory as SubjectCode), words)
  const watch = watchFor(facts, words)
  return { card: card ?? null, watch: { title: words.say('watchFor'), note: watch.note, items: watch.items } }
}

const query = ({ territory, period }: About) => ({ territory, period: period.id })

type Shown = {
  readonly known: readonly KeptNote[]
  readonly isApproved: boolean
  /** Approved, and unchanged since. */
  readonly isSettled: boolean
  /** A report is mailed only after a note approves it. */
  readonly waits: boolean
  readonly asked: { readonly territory: string; readonly period: string; readonly wrong: readonly string[] }
  readonly input: NoteFormInput
  readonly preview?: Note | undefined
}

export const notesValue = (
  visit: Visit,
  about: About,
  { known, isApproved, isSettled, waits, asked, input, preview }: Shown,
) => {
  const { words, href, caller, session } = visit
  const mayWrite = mayDo(caller, 'notes:write')
  return {
    lead: words.say('room.coverage.of', {
      territory: subjectOf(about.territory).name[words.language],
      period: periodName(about.period, words),
    }),
    filters: {
      action: '/room/notes',
      fields: reportFields(visit, { ...asked, territory: about.territory }),
    },
    state: words.say(waits ? 'room.notes.waits' : isApproved ? 'room.notes.approved' : 'room.notes.free'),
    list: {
      items: known.map(({ key, note }) => ({
        ...printed(note, visit),
        approve:
          !isSettled && mayApprove(caller, session?.name, note)
            ? {
                href: href('/room/notes/approve', { ...query(about), note: key }),
                label: words.say('room.notes.approve'),
                about: words.say('room.notes.by', { author: note.author }),
              }
            : null,
      })),
    },
    preview: preview
      ? {
          ...printed(preview, visit),
          text: words.say('room.notes.preview.text', { marking: preview.marking }),
          actionForm: actionForm(visit, {
            action: href('/room/notes', query(about)),
            hidden: { by: input.by, ...input.cells },
            buttons: [{ label: words.say('room.notes.write.button'), does: 'do' }],
          }),
        }
      : null,
    write: mayWrite
      ? {
          title: words.say(preview ? 'room.mend.otherwise' : 'room.notes.write'),
          actionForm: actionForm(visit, {
            action: href('/room/notes', query(about)),
            fields: writeFields(visit, input),
            buttons: [{ label: words.say('room.notes.look'), does: 'look', look: preview ? 'second' : 'first' }],
          }),
        }
      : null,
  }
}

const writeFields = (visit: Visit, { by, cells, wrong }: NoteFormInput): readonly Field[] => {
  const { words, caller } = visit
  const faultOf = (name: string): string => wrong[name] ?? ''
  const area = (name: (typeof texts)[number], rows: number, note = words.say('room.notes.line')) =>
    field(name, words.say(`room.notes.${name}`), { lines: rows, value: cells[name], wrong: faultOf(name), note })
  const own = markings.filter((one) => fitsUnder(one, caller.clearance))
  const usual: Marking = own.findLast((one) => fitsUnder(one, 'TLP:AMBER')) ?? 'TLP:CLEAR'
  return [
    ...byField(visit, by, faultOf('by') || faultOf('author')),
    field('role', words.say('room.notes.role'), { type: 'text', value: cells.role, wrong: faultOf('role') }),
    field('language', words.say('room.setting.language'), {
      choices: choices(languages, (one) => words.say(`room.language.${one}`), cells.language),
      wrong: faultOf('language'),
    }),
    field('marking', words.say('room.notes.marking'), {
      choices: choices(own, (one) => one, cells.marking || usual),
      wrong: faultOf('marking'),
    }),
    area('text', 8, words.say('room.notes.text.note')),
    field('likelihood', words.say('room.notes.likelihood'), {
      choices: choices(likelihoods, (one) => words.say(`likelihood.${one}`), cells.likelihood, '–'),
      wrong: faultOf('likelihood'),
    }),
    field('of', words.say('room.notes.of'), { type: 'text', value: cells.of, note: words.say('room.notes.of.note') }),
    field('confidence', words.say('room.notes.confidence'), {
      choices: choices(confidenceLevels, (one) => words.say('confidence.level', { level: one }), cells.confidence, '–'),
      wrong: faultOf('confidence'),
    }),
    ...notePoints.map((name) => area(name, 3)),
  ]
}

type Approving = WhoAndWhy & {
  readonly kept: KeptNote
  /** Reports wait for a note, and none is approved yet. */
  readonly isExpected: boolean
  readonly caps: readonly Marking[]
}

export const approveValue = (visit: Visit, about: About, approving: Approving) => {
  const { words, href, session } = visit
  const { kept, isExpected, caps } = approving
  return {
    lead: words.say('room.coverage.of', {
      territory: subjectOf(about.territory).name[words.language],
      period: periodName(about.period, words),
    }),
    ...printed(kept.note, visit),
    back: { href: href('/room/notes', query(about)), label: words.say('room.notes.back') },
    effect: {
      text: [
        words.say('room.notes.approve.text'),
        isExpected || caps.length > 0
          ? words.say('room.notes.approve.mails', { count: caps.length, caps: words.list(caps) })
          : words.say('room.notes.approve.free'),
        ...(session ? [] : [words.say('room.notes.approve.alone')]),
        words.say('room.notes.approve.wayBack'),
      ],
      actionForm: actionForm(visit, {
        action: href('/room/notes/approve', { ...query(about), note: kept.key }),
        fields: whoAndWhy(visit, approving),
        buttons: [{ label: words.say('room.notes.approve.button'), does: 'do' }],
      }),
    },
  }
}
