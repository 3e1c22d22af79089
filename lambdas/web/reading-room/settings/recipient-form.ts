import * as z from 'zod'
import type { Caller } from '../../../domain/access/caller.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { fitsUnder, markings } from '../../../domain/core/marking.ts'
import { isTerritoryCode, subjectOf, territories, territoryGroups } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { mayClearUpTo } from '../../../domain/delivery/giving.ts'
import { mailedTo } from '../../../domain/delivery/mailed-to.ts'
import {
  cadences,
  eachTerritory,
  editionFor,
  editionNames,
  placeNames,
  type Recipient,
  type RecipientField,
  recipientSchema,
} from '../../../domain/delivery/recipient.ts'
import { type RecipientEffect, stampOf } from '../../../usecases/delivery/keep-recipient.ts'
import type { RecipientWords } from '../../../usecases/delivery/manage-recipients.ts'
import { nameOf } from '../../../usecases/delivery/who-would-get.ts'
import { jsonIn } from '../../shared/forms.ts'
import type { RoomWording } from '../../shared/wording.ts'
import {
  type Choices,
  type SubmittedForm,
  actionForm,
  effectHead,
  fasterParts,
  closingIn,
  lineIn,
  tooLong,
  emptyWhoAndWhy,
  type WhoAndWhy,
  whoAndWhy,
} from '../frame/action-form.ts'
import { chipOf, choices, type Field, field, type Visit } from '../frame/pages.ts'

const recipientActions = ['add', 'change', 'pause', 'resume'] as const

export type RecipientAction = (typeof recipientActions)[number]

const lines = ['address', 'name', 'organisation', 'language', 'clearance', 'form', 'quiet', 'digest'] as const
const lists = ['territories', 'editions', 'cadences'] as const

type Line = (typeof lines)[number]
type List = (typeof lists)[number]

export type RecipientFormInput = WhoAndWhy & {
  readonly cells: Readonly<Record<Line, string>>
  readonly lists: Readonly<Record<List, readonly string[]>>
}

const ofOne = (one: Partial<Recipient>): Settings => ({
  cells: {
    address: one.address ?? '',
    name: one.name ?? '',
    organisation: one.organisation ?? '',
    language: one.language ?? 'fr',
    clearance: one.clearance ?? 'TLP:CLEAR',
    form: one.form ?? 'link',
    quiet: one.quiet ?? 'send',
    digest: one.digest ? 'yes' : 'no',
  },
  lists: {
    territories: one.territories ?? [],
    editions: one.editions ?? [eachTerritory],
    cadences: one.cadences ?? ['week'],
  },
})

export const initialInput = (found?: Recipient): RecipientFormInput => ({ ...ofOne(found ?? {}), ...emptyWhoAndWhy })

type Settings = Pick<RecipientFormInput, 'cells' | 'lists'>

/** Serialises the form's initial values, to find the user's changes later. */
const drawnText = (found: Recipient): string => JSON.stringify(ofOne(found))

const drawnSchema = z.strictObject({
  cells: z.strictObject(Object.fromEntries(lines.map((name) => [name, z.string()])) as Record<Line, z.ZodString>),
  lists: z.strictObject(
    Object.fromEntries(lists.map((name) => [name, z.array(z.string())])) as Record<List, z.ZodArray<z.ZodString>>,
  ),
})

const changeable = [...lines, ...lists].filter((name) => name !== 'address')

type Setting = (typeof changeable)[number]

const isList = (name: Setting): name is List => lists.some((one) => one === name)

/** Makes lists comparable: order does not matter, and no edition means each territory's. */
const settingValue = (settings: Settings, name: Setting): string => {
  if (!isList(name)) return settings.cells[name]
  const ticked = settings.lists[name]
  return (name === 'editions' && ticked.length === 0 ? [eachTerritory] : ticked).toSorted().join(' ')
}

const changedBetween = (one: Settings, other: Settings): readonly Setting[] =>
  changeable.filter((name) => settingValue(one, name) !== settingValue(other, name))

/** A form sent after a concurrent change, with both sides' changes. */
type Late = { readonly typed: Settings; readonly theirs: readonly Setting[]; readonly yours: readonly Setting[] }

/** @param drawn the form's initial values; if unknown, no typed value replaces a current one */
export const lateIn = (
  found: Recipient,
  input: RecipientFormInput,
  drawn: string,
): { readonly input: RecipientFormInput; readonly late: Late } => {
  const current = ofOne(found)
  const base = jsonIn(drawn, drawnSchema)
  const yours = changedBetween(base ?? current, input)
  const kept = base ? yours : []
  const pick = <Name extends string, Value>(
    names: readonly Name[],
    typed: Readonly<Record<Name, Value>>,
    now: Readonly<Record<Name, Value>>,
  ) => Object.fromEntries(names.map((name) => [name, (kept.some((one) => one === name) ? typed : now)[name]]))
  return {
    input: {
      ...input,
      cells: pick(lines, input.cells, current.cells) as RecipientFormInput['cells'],
      lists: pick(lists, input.lists, current.lists) as RecipientFormInput['lists'],
      wrong: {},
    },
    late: { typed: input, theirs: changedBetween(base ?? input, current), yours },
  }
}

export const readInput = (form: SubmittedForm, does: RecipientAction, visit: Visit): RecipientFormInput => {
  const { words } = visit
  const cells = Object.fromEntries(lines.map((name) => [name, lineIn(form, name)])) as RecipientFormInput['cells']
  const ticked = Object.fromEntries(lists.map((name) => [name, form.all(name)])) as RecipientFormInput['lists']
  const { by, reason, wrong: whose } = closingIn(visit, form)
  const isForm = does === 'add' || does === 'change'
  const wrong = {
    ...whose,
    ...tooLong(form, lines, words),
    ...(does === 'add' &&
      !/^\S+@\S+\.\S+$/.test(cells.address) && { address: words.say('room.recipient.address.wrong') }),
    ...(isForm && ticked.territories.length === 0 && { territories: words.say('room.mend.places.wrong') }),
    ...(isForm && ticked.cadences.length === 0 && { cadences: words.say('room.recipient.cadences.wrong') }),
  }
  return { by, reason, cells, lists: ticked, wrong }
}

/** No ticked edition means the reports of each territory. */
export const recipientWordsOf = ({ cells, lists: ticked }: RecipientFormInput): RecipientWords => ({
  ...cells,
  ...ticked,
  editions: ticked.editions.length === 0 ? [eachTerritory] : ticked.editions,
})

export const settingText = (recipient: Recipient, name: RecipientField, words: RoomWording): string => {
  switch (name) {
    case 'territories':
      return words.list(placeNames(recipient.territories, words.language))
    case 'editions':
      return words.list((recipient.editions ?? [eachTerritory]).map((one) => editionWords(one, words)))
    case 'cadences':
      return words.list(recipient.cadences.map((cadence) => words.say('room.setting.cadence', { cadence })))
    case 'language':
      return words.say(`room.language.${recipient.language}`)
    case 'form':
      return words.say(`room.setting.form.${recipient.form}`)
    case 'quiet':
      return words.say(`room.setting.quiet.${recipient.quiet}`)
    case 'digest':
      return words.say(recipient.digest ? 'room.setting.digest.yes' : 'room.setting.digest.no')
    case 'state':
      return stateText(recipient, words)
    default:
      return harmless(recipient[name] ?? '–')
  }
}

export const stateText = ({ state }: Recipient, words: RoomWording): string =>
  words.say(`room.recipient.state.${state}`)

const editionWords = (code: (typeof editionNames)[number], words: RoomWording): string =>
  code === eachTerritory ? words.say('room.setting.each') : subjectOf(code).name[words.language]

/** Returns the caller's territories, and the groups of which the caller has every member. */
const placesFor = ({ territories: own }: Caller) => [
  ...territoryGroups.filter(({ members }) => members.every((code) => own.some((one) => one === code))),
  ...territories.filter(({ code }) => own.includes(code)).map(({ code, name }) => ({ id: code as string, name })),
]

const tickable = (
  name: (typeof lists)[number],
  items: readonly { readonly value: string; readonly label: string }[],
  input: RecipientFormInput,
  words: RoomWording,
): Choices => ({
  name,
  legend: words.say(`room.setting.${name}`),
  wrong: input.wrong[name] ?? '',
  items: items.map((one) => ({ ...one, note: '', checked: input.lists[name].includes(one.value) })),
})

const ticksOf = ({ caller, words }: Visit, input: RecipientFormInput): readonly Choices[] => {
  const own = placesFor(caller)
  const isOwn = (code: string): boolean =>
    isTerritoryCode(code)
      ? caller.territories.includes(code)
      : code === eachTerritory || input.lists.editions.includes(code) || own.some(({ id }) => id.toUpperCase() === code)
  const editions = editionNames.filter((code) =>
    code === 'ALL' ? caller.territories.length === territories.length : isOwn(code),
  )
  return [
    tickable(
      'territories',
      own.map(({ id, name }) => ({ value: id, label: name[words.language] })),
      input,
      words,
    ),
    tickable(
      'editions',
      editions.map((code) => ({ value: code, label: editionWords(code, words) })),
      input,
      words,
    ),
    tickable(
      'cadences',
      cadences.map((cadence) => ({ value: cadence, label: words.say('room.setting.cadence', { cadence }) })),
      input,
      words,
    ),
  ]
}

/** Returns the clearances that the caller may give, and the current one, since keeping it gives nothing. */
const clearancesFor = (caller: Caller, found: Recipient | undefined) => {
  const upTo = mayClearUpTo(caller)
  return markings.filter((one) => (upTo && fitsUnder(one, upTo)) || one === found?.clearance)
}

const firstFields = (found: Recipient | undefined, input: RecipientFormInput, words: RoomWording): readonly Field[] => {
  const line = (name: 'address' | 'name' | 'organisation') =>
    field(name, words.say(`room.setting.${name}`), {
      type: 'text',
      value: input.cells[name],
      wrong: input.wrong[name] ?? '',
    })
  return [...(found ? [] : [line('address')]), line('name'), line('organisation')]
}

const lastFields = (visit: Visit, found: Recipient | undefined, { cells }: RecipientFormInput): readonly Field[] => {
  const { words, caller } = visit
  const upTo = mayClearUpTo(caller)
  return [
    field('clearance', words.say('room.setting.clearance'), {
      choices: choices(clearancesFor(caller, found), (one) => one, cells.clearance),
      note: upTo ? words.say('room.recipient.upTo', { clearance: upTo }) : '',
    }),
    field('language', words.say('room.setting.language'), {
      choices: choices(languages, (one) => words.say(`room.language.${one}`), cells.language),
    }),
    field('form', words.say('room.setting.form'), {
      choices: choices(['link', 'attachment'] as const, (one) => words.say(`room.setting.form.${one}`), cells.form),
    }),
    field('quiet', words.say('room.setting.quiet'), {
      choices: choices(['send', 'skip'] as const, (one) => words.say(`room.setting.quiet.${one}`), cells.quiet),
    }),
    field('digest', words.say('room.setting.digest'), {
      choices: choices(['no', 'yes'] as const, (one) => words.say(`room.setting.digest.${one}`), cells.digest),
    }),
  ]
}

type Shown = {
  readonly does: RecipientAction
  readonly found: Recipient | undefined
  readonly input: RecipientFormInput
  readonly effect?: RecipientEffect | undefined
  /** The reason for which nothing was written. */
  readonly fault?: readonly Segment[] | undefined
  /** Set after a concurrent change. */
  readonly late?: Late
}

const pathOf = ({ does, found }: Shown): string =>
  found ? `/room/recipients/${found.id}/${does}` : '/room/recipients/new'

export const recipientFormValue = (visit: Visit, shown: Shown) => {
  const { words, href } = visit
  const { does, found, input, effect, fault = [], late } = shown
  const isForm = does === 'add' || does === 'change'
  return {
    name: { text: harmless(found ? nameOf(found) : input.cells.address), lang: '' },
    id: found ? harmless(found.address) : '',
    chip: found ? chipOf(found.clearance) : null,
    state: found ? stateText(found, words) : '',
    lead: words.say(`room.recipient.${does}.lead`),
    back: {
      href: href(found ? `/room/recipients/${found.id}` : '/room/recipients'),
      label: words.say(found ? 'room.recipient.backToOne' : 'room.recipient.back'),
    },
    fault,
    faster: late && found ? fasterValue(shown, found, late, words) : null,
    effect: effect ? effectValue(visit, shown, effect) : null,
    form: {
      title: words.say(effect && isForm ? 'room.mend.otherwise' : 'room.mend.form'),
      actionForm: isForm ? previewForm(visit, shown) : confirmForm(visit, shown),
    },
    text: isForm && input.reason === '' ? words.say('room.mend.first') : '',
  }
}

const stampHidden = (found: Recipient | undefined): Readonly<Record<string, string>> =>
  found ? { revision: stampOf(found), drawn: drawnText(found) } : {}

const previewForm = (visit: Visit, shown: Shown) => {
  const { found, input, effect } = shown
  return actionForm(visit, {
    action: visit.href(pathOf(shown)),
    hidden: stampHidden(found),
    first: firstFields(found, input, visit.words),
    choices: ticksOf(visit, input),
    fields: [...lastFields(visit, found, input), ...whoAndWhy(visit, input)],
    buttons: [{ label: visit.words.say('room.mend.look'), does: 'look', look: effect ? 'second' : 'first' }],
  })
}

const confirmForm = (visit: Visit, shown: Shown) =>
  actionForm(visit, {
    action: visit.href(pathOf(shown)),
    hidden: stampHidden(shown.found),
    fields: whoAndWhy(visit, shown.input),
    buttons: [
      {
        label: visit.words.say(`room.recipient.${shown.does}.button`),
        does: 'do',
        look: shown.does === 'pause' ? 'alert' : 'first',
      },
    ],
  })

const effectValue = (visit: Visit, shown: Shown, { before, after, changed }: RecipientEffect) => {
  const { words, href } = visit
  const { does, input, found } = shown
  const settings = changed.map((name) => ({
    label: words.say(`room.setting.${name}`),
    before: before ? settingText(before, name, words) : '–',
    after: settingText(after, name, words),
  }))
  const mailed = cadences
    .map((cadence) => ({
      label: words.say('room.effect.mailed', { cadence }),
      before: before ? mailedText(before, cadence, words) : '–',
      after: mailedText(after, cadence, words),
    }))
    .filter((row) => row.before !== row.after && !(before === undefined && row.after === nothingText(words)))
  return {
    ...effectHead(words),
    rows: [...settings, ...mailed],
    stays: words.say(mailed.length === 0 ? 'room.effect.same' : 'room.effect.rule'),
    wayBack: words.say(`room.recipient.${does}.wayBack`),
    versions: [],
    actionForm:
      does === 'pause' || does === 'resume'
        ? null
        : actionForm(visit, {
            action: href(pathOf(shown)),
            hidden: { ...stampHidden(found), by: input.by, reason: input.reason, ...input.cells, ...input.lists },
            buttons: [{ label: words.say(`room.recipient.${does}.button`), does: 'do' }],
          }),
  }
}

const nothingText = (words: RoomWording): string => words.say('room.effect.nothing')

const mailedText = (recipient: Recipient, cadence: (typeof cadences)[number], words: RoomWording): string => {
  const codes = mailedTo(recipient, cadence)
  if (codes.length === 0) return nothingText(words)
  const list = words.list(codes.map((code) => subjectOf(code).name[words.language]))
  return words.say('room.effect.edition', { list, cap: editionFor(recipient) })
}

/** Formats a typed value; an invalid one is shown as sent. */
const typedText = (found: Recipient, typed: Settings, name: Setting, words: RoomWording): string => {
  const value = isList(name) ? typed.lists[name] : name === 'digest' ? typed.cells.digest === 'yes' : typed.cells[name]
  if (value === '') return '–'
  const read = recipientSchema.safeParse({ ...found, [name]: value })
  return read.success ? settingText(read.data, name, words) : harmless(String(value))
}

const fasterValue = ({ does, input }: Shown, found: Recipient, { typed, theirs, yours }: Late, words: RoomWording) => {
  const row = (name: Setting | 'state', text: string) =>
    words.say('room.mend.line', { label: words.say(`room.setting.${name}`), text })
  const isForm = does === 'change'
  return fasterParts(words, words.say('room.recipient.faster'), {
    theirs: [
      row('state', stateText(found, words)),
      ...(isForm ? theirs.map((name) => row(name, settingText(found, name, words))) : []),
    ],
    yours: [
      ...(isForm ? yours.map((name) => row(name, typedText(found, typed, name, words))) : []),
      ...(input.reason === ''
        ? []
        : [words.say('room.mend.line', { label: words.say('room.deed.reason'), text: harmless(input.reason) })]),
    ],
  })
}
