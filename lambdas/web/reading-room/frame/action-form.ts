import type { Context } from 'hono'
import { readLists } from '../../shared/forms.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { type Field, field, type Visit } from './pages.ts'
import { Stop } from './showing.ts'

type Button = {
  readonly label: string
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
  readonly id?: string
  readonly buttons: readonly Button[]
  readonly first?: readonly Field[]
  readonly fields?: readonly Field[]
  readonly choices?: readonly Choices[]
  readonly hidden?: Readonly<Record<string, string | readonly string[]>>
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

export type SubmittedForm = {
  get(name: string): string | undefined
  all(name: string): readonly string[]
  names(): readonly string[]
}

export const readSubmittedForm = async (c: Context, { formToken }: Visit): Promise<SubmittedForm> => {
  const lists = await readLists(c)
  if (typeof lists === 'string') throw new Stop('form')
  const all = (name: string) => lists.get(name) ?? []
  const get = (name: string) => all(name).at(-1)
  if (get('token') !== formToken) throw new Stop('stale')
  return { get, all, names: () => [...lists.keys()] }
}

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

export const fasterParts = (
  words: RoomWording,
  title: string,
  { theirs, yours }: { readonly theirs: readonly string[]; readonly yours: readonly string[] },
) => ({
  title,
  text: words.say('room.mend.faster.text'),
  link: null,
  theirs: { title: words.say('room.mend.theirs'), lines: theirs },
  yours: { title: words.say('room.mend.yours'), lines: yours },
})

export const effectHead = (words: RoomWording) => ({
  title: words.say('room.mend.effect'),
})

/** Far above any field's limit, so that too long an input comes back in its field. */
export const maxActionFormBytes = 1024 ** 2

const maxChars = 300

export const linesSent = (form: SubmittedForm, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.flatMap((name) => (form.get(name) === undefined ? [] : [[name, lineIn(form, name)]])))

/** Collapses the input to one line, uncut: too long a text comes back in the form. */
export const lineIn = (form: SubmittedForm, name: string): string =>
  (form.get(name) ?? '').replace(/[\p{C}\s]+/gu, ' ').trim()

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

/** Asks for a name on a local machine without sign-in, and shows the one given last. */
export const byField = ({ session, words, names }: Visit, typed: string, wrong = ''): readonly Field[] => {
  const [value, note] = [typed || (names?.read() ?? ''), words.say('room.deed.by.note')]
  return session ? [] : [field('by', words.say('room.deed.by'), { type: 'text', value, wrong, note })]
}

export type WhoAndWhy = {
  readonly by: string
  readonly reason: string
  readonly wrong: Readonly<Record<string, string>>
}

export const emptyWhoAndWhy: WhoAndWhy = { by: '', reason: '', wrong: {} }

type ReasonNote =
  | 'room.deed.reason.optional.note'
  | 'room.batch.reason.note'
  | 'room.inbox.reject.reason.note'
  | `room.${'deed' | 'candidate' | 'decide' | 'recall' | 'plate'}.reason.note`

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

const peopleNamed = 30

export const peopleText = (names: readonly string[], all: number, words: RoomWording): readonly string[] => {
  const shown = names.slice(0, peopleNamed)
  const others = all - shown.length
  return [...shown, ...(others > 0 ? [words.say('room.decide.others', { count: others })] : [])]
}

/** The signed-in user, or the name typed on a local machine. */
export const actorIn = ({ session, names }: Visit, form: SubmittedForm): string => {
  if (session) return session.name
  const by = lineIn(form, 'by')
  if (by !== '' && by.length <= maxChars) names?.keep(by)
  return by
}

/** @param isReasoned whether a reason is required */
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

export const see = (visit: Visit, path: string): Response =>
  new Response(null, { status: 303, headers: { location: visit.href(path) } })
