/**
 * What every form of the room that does something has: the session's token, who does it, what is wrong in it, one
 * button that says what it does.
 */
import type { Context } from 'hono'
import { readLists } from '../../shared/forms.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { type Field, field, type Visit } from './pages.ts'
import { Stop } from './showing.ts'

type Button = {
  readonly label: string
  /** What it is that is done, as the form sends it. */
  readonly does: string
  readonly look?: 'first' | 'second' | 'alert'
}

type Choice = { readonly value: string; readonly label: string; readonly note: string; readonly checked: boolean }

export type Choices = {
  readonly name: string
  readonly legend: string
  readonly wrong: string
  readonly items: readonly Choice[]
}

type ActionFormParts = {
  readonly action: string
  /** By which what stands elsewhere on the page belongs to it. */
  readonly id?: string
  readonly buttons: readonly Button[]
  /** Before what is to be ticked. */
  readonly first?: readonly Field[]
  readonly fields?: readonly Field[]
  readonly choices?: readonly Choices[]
  readonly hidden?: Readonly<Record<string, string | readonly string[]>>
  /** Why nothing was done. */
  readonly problem?: string
  readonly note?: string
}

const faultOf = ({ name, label, wrong }: Pick<Field, 'name' | 'label' | 'wrong'>) =>
  wrong ? [{ href: `#${name}`, label }] : []

export const actionForm = ({ words, formToken }: Visit, parts: ActionFormParts) => {
  const {
    action,
    id = '',
    buttons,
    first = [],
    fields = [],
    choices = [],
    hidden = {},
    problem = '',
    note = '',
  } = parts
  const faults = [
    ...first.flatMap(faultOf),
    ...choices.flatMap(({ name, legend, wrong }) => faultOf({ name, label: legend, wrong })),
    ...fields.flatMap(faultOf),
  ]
  return {
    ...{ action, id, first, choices, fields, note, faults },
    problem: problem || (faults.length > 0 ? words.say('room.deed.wrong', { count: faults.length }) : ''),
    hidden: [
      { name: 'token', value: formToken },
      ...Object.entries(hidden).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one }))),
    ],
    buttons: buttons.map(({ label, does, look = 'first' }) => ({
      label,
      does,
      style: look === 'first' ? '' : look,
    })),
  }
}

/** What was sent under each name, the last or all of it. */
export type SubmittedForm = {
  get(name: string): string | undefined
  all(name: string): readonly string[]
  names(): readonly string[]
}

/** A form that does something, once it is this session's own. */
export const readSubmittedForm = async (c: Context, { formToken }: Visit): Promise<SubmittedForm> => {
  const lists = await readLists(c)
  if (typeof lists === 'string') throw new Stop('form')
  const all = (name: string) => lists.get(name) ?? []
  const get = (name: string) => all(name).at(-1)
  if (get('token') !== formToken) throw new Stop('stale')
  return { get, all, names: () => [...lists.keys()] }
}

/** A form with a file in it, once it is this session's own; other fields as they were typed, up to a length. */
export const fileForm = async (
  c: Context,
  { formToken }: Visit,
): Promise<{ readonly file: File | undefined; text(name: string): string }> => {
  if (!/^multipart\/form-data\s*;/i.test(c.req.header('content-type') ?? '')) throw new Stop('form')
  const body = await c.req.parseBody().catch(() => {
    throw new Stop('form')
  })
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name].trim().slice(0, 100) : '')
  if (text('token') !== formToken) throw new Stop('stale')
  return { file: body.file instanceof File ? body.file : undefined, text }
}

/** Somebody was faster: what he did, beside what was typed. */
export const fasterParts = (
  words: RoomWording,
  title: string,
  { theirs, yours }: { readonly theirs: readonly string[]; readonly yours: readonly string[] },
) => ({
  title,
  text: words.say('room.mend.faster.text'),
  /** To where one can go on, unless that is the form below. */
  link: null,
  theirs: { title: words.say('room.mend.theirs'), lines: theirs },
  yours: { title: words.say('room.mend.yours'), lines: yours },
})

/** Over what would change, from and to. */
export const effectHead = (words: RoomWording) => ({
  title: words.say('room.mend.effect'),
  head: {
    what: words.say('room.mend.what'),
    before: words.say('room.mend.before'),
    after: words.say('room.mend.after'),
  },
})

/**
 * What a form may send: far more than is kept of any field, so that what is too long comes back in its field, and is
 * not lost.
 */
export const maxActionFormBytes = 1024 ** 2

const maxChars = 300

/** Those of some lines that a form sent. */
export const linesSent = (form: SubmittedForm, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.flatMap((name) => (form.get(name) === undefined ? [] : [[name, lineIn(form, name)]])))

/** One line of what was typed, all of it: what is too long comes back in the form, and is not cut. */
export const lineIn = (form: SubmittedForm, name: string): string =>
  (form.get(name) ?? '').replace(/[\p{C}\s]+/gu, ' ').trim()

/** Those of some lines that are longer than is kept, by field. */
export const tooLong = (
  form: SubmittedForm,
  names: readonly string[],
  words: RoomWording,
  most: number = maxChars,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const count = lineIn(form, name).length
      return count > most ? [[name, words.say('room.deed.long', { most, count })]] : []
    }),
  )

/** On this machine, where nobody signs in, a person says who he is. */
export const byField = ({ session, words }: Visit, value: string, wrong = ''): readonly Field[] =>
  session
    ? []
    : [field('by', words.say('room.deed.by'), { type: 'text', value, wrong, note: words.say('room.deed.by.note') })]

/** Who does something and why, as a form said it, and what is wrong in it, by field. */
export type WhoAndWhy = {
  readonly by: string
  readonly reason: string
  readonly wrong: Readonly<Record<string, string>>
}

export const emptyWhoAndWhy: WhoAndWhy = { by: '', reason: '', wrong: {} }

type ReasonNote =
  | 'room.deed.reason.optional.note'
  | 'room.batch.reason.note'
  | `room.${'deed' | 'answer' | 'candidate' | 'decide' | 'recall' | 'plate'}.reason.note`

/** The fields that ask for both. @param note under the reason */
export const whoAndWhy = (
  visit: Visit,
  { by, reason, wrong }: WhoAndWhy,
  note: ReasonNote = 'room.deed.reason.note',
): readonly Field[] => [
  ...byField(visit, by, wrong.by ?? ''),
  field('reason', visit.words.say('room.deed.reason'), {
    type: 'text',
    value: reason,
    wrong: wrong.reason ?? '',
    note: `${visit.words.say(note)} ${visit.words.say('room.deed.most', { most: maxChars })}`,
  }),
]

/** So many people are named; the others are counted. */
const peopleNamed = 30

/** Names of some of so many people, and how many others there are. */
export const peopleText = (names: readonly string[], all: number, words: RoomWording): readonly string[] => {
  const shown = names.slice(0, peopleNamed)
  const others = all - shown.length
  return [...shown, ...(others > 0 ? [words.say('room.decide.others', { count: others })] : [])]
}

/** Who does it: who is signed in, or whoever says so on this machine. */
export const actorIn = ({ session }: Visit, form: SubmittedForm): string => session?.name ?? lineIn(form, 'by')

/** Who does something and why, with what is wrong in it. @param isReasoned why is to be said */
export const closingIn = (visit: Visit, form: SubmittedForm, isReasoned = true): WhoAndWhy => {
  const { words, session } = visit
  const [by, reason] = [actorIn(visit, form), lineIn(form, 'reason')]
  const wrong = {
    ...(by === '' && { by: words.say('room.deed.by.wrong') }),
    ...(isReasoned && reason === '' && { reason: words.say('room.deed.reason.wrong') }),
    ...tooLong(form, session ? ['reason'] : ['by', 'reason'], words),
  }
  return { by, reason, wrong }
}

/** A person by the name that people know: what the issuer calls him is left out before an address. */
export const personName = (who: string): string => /^\S+ (\S+@\S+)$/.exec(who)?.[1] ?? who

export const see = (visit: Visit, path: string): Response =>
  new Response(null, { status: 303, headers: { location: visit.href(path) } })
