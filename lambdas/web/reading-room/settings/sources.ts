import * as z from 'zod'
import type { SourceState } from '../../../domain/aggregate/watch/source-state.ts'
import { noRhythm, ownRhythm } from '../../../domain/aggregate/watch/watch.ts'
import { capitalised } from '../../../domain/core/language/language.ts'
import { markings, usualCap } from '../../../domain/core/marking.ts'
import { type TerritoryCode, territories, territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { every } from '../../../domain/page/words/phrases.ts'
import {
  isRhythm,
  mayMarkSource,
  maySetSource,
  type sourceAfter,
} from '../../../usecases/reports/schedules/set-source.ts'
import { jsonIn } from '../../shared/forms.ts'
import type { RoomWording } from '../../shared/wording.ts'
import {
  type Choices,
  actionForm,
  effectHead,
  fasterParts,
  emptyWhoAndWhy,
  type WhoAndWhy,
  whoAndWhy,
} from '../frame/action-form.ts'
import { chipOf, choices, type Field, field, timeIn, type Visit } from '../frame/pages.ts'
import { sourcePath } from '../frame/paths.ts'

/** Input of the form; marking and territories change only for callers that may mark a source. */
export type SourceFormInput = WhoAndWhy & {
  readonly rhythm: string
  readonly marking: string
  /** Empty for all. */
  readonly territories: readonly TerritoryCode[]
}

export const initialInput = (state: SourceState): SourceFormInput => ({
  ...emptyWhoAndWhy,
  rhythm: state.set?.rhythm ?? ownRhythm,
  marking: state.declared ?? usualCap,
  territories: state.territories ?? [],
})

const settings = ['rhythm', 'marking', 'territories'] as const

type Setting = (typeof settings)[number]

type Drawn = Readonly<Record<Setting, string>>

/** Writes all territories as an empty text. */
export const drawnOf = ({ rhythm, marking, territories: codes }: SourceFormInput): Drawn => ({
  ...{ rhythm, marking },
  territories: codes.length === territories.length ? '' : codes.toSorted().join(' '),
})

const drawnSchema = z.strictObject({ rhythm: z.string(), marking: z.string(), territories: z.string() })

export const settingsChanged = (one: Drawn, other: Drawn): readonly Setting[] =>
  settings.filter((name) => one[name] !== other[name])

type Late = { readonly typed: SourceFormInput; readonly yours: readonly Setting[] }

/**
 * Merges the author's changes into the current settings.
 * @param drawn the form's initial values; if unknown, no typed value is merged
 */
export const lateIn = (
  state: SourceState,
  typed: SourceFormInput,
  drawn: string,
): { readonly input: SourceFormInput; readonly late: Late } => {
  const current = initialInput(state)
  const base = jsonIn(drawn, drawnSchema)
  const yours = settingsChanged(base ?? drawnOf(current), drawnOf(typed))
  const from = (name: Setting): SourceFormInput => (base && yours.includes(name) ? typed : current)
  const input: SourceFormInput = {
    ...typed,
    rhythm: from('rhythm').rhythm,
    marking: from('marking').marking,
    territories: from('territories').territories,
    wrong: {},
  }
  return { input, late: { typed, yours } }
}

const stampHidden = (state: SourceState) => ({
  revision: stampOf(state),
  drawn: JSON.stringify(drawnOf(initialInput(state))),
})

export const stampOf = ({ set }: SourceState): string => set?.at ?? ''

const rhythms = ['PT1H', 'PT3H', 'PT6H', 'PT12H', 'P1D', 'P2D', 'P3D', 'P7D', 'P14D', 'P30D'] as const

/** Returns the selectable rhythms, with the current one in any case. */
const rhythmsFor = ({ set }: SourceState): readonly string[] => [
  ...new Set([ownRhythm, ...(set?.rhythm === undefined ? [] : [set.rhythm]), ...rhythms, noRhythm]),
]

const everyText = (rhythm: string | undefined, words: RoomWording): string =>
  rhythm === undefined || rhythm === noRhythm ? words.say('room.source.rhythm.none') : every(rhythm, words)

const rhythmText = (rhythm: string, state: SourceState, words: RoomWording): string =>
  rhythm === ownRhythm
    ? words.say('room.source.rhythm.own', { rhythm: everyText(state.ownRhythm, words) })
    : everyText(rhythm, words)

const placesText = (codes: readonly TerritoryCode[] | undefined, words: RoomWording): string =>
  codes === undefined || codes.length === 0
    ? words.say('room.sources.everywhere')
    : words.list(codes.map((code) => territoryOf(code).name[words.language]))

/** Formats the time since the last input: whole days from two days on, else hours. */
const sinceText = (lastInput: string, now: number, words: RoomWording): string => {
  const hours = Math.max(0, Math.floor((now - Date.parse(lastInput)) / 3_600_000))
  const [unit, count] = hours >= 48 ? (['day', Math.floor(hours / 24)] as const) : (['hour', hours] as const)
  return new Intl.NumberFormat(words.language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

const stateText = ({ state, lastInput }: Pick<SourceState, 'state' | 'lastInput'>, now: number, words: RoomWording) =>
  words.say(`room.sources.${state}`, { since: sinceText(lastInput, now, words) })

const setText = ({ set }: SourceState, { words, clock }: Visit): string =>
  set ? words.say('room.sources.set', { by: harmless(set.by), at: timeIn(Date.parse(set.at), clock, words) }) : ''

export const sourcesValue = (visit: Visit, states: readonly SourceState[], now: number) => {
  const { words, clock, caller, href } = visit
  const silent = states.filter(({ state }) => state === 'silent').length
  const isKeeper = states.some((one) => maySetSource(caller, one))
  return {
    lead: words.say('room.sources.lead', { count: states.length, silent }),
    back: { href: href('/room/coverage'), label: words.say('room.sources.coverage') },
    change: isKeeper ? words.say('room.recipient.change') : '',
    rows: states.map((one) => ({
      name: one.byHand && one.declared === undefined ? words.say('sources.byHand') : harmless(one.name),
      chip: chipOf(one.marking),
      state: stateText(one, now, words),
      isSilent: one.state === 'silent',
      rhythm: capitalised(everyText(one.rhythm, words)),
      set: maySetSource(caller, one) ? setText(one, visit) : '',
      reason: maySetSource(caller, one) ? harmless(one.set?.reason ?? '') : '',
      watches: placesText(one.territories, words),
      last: timeIn(Date.parse(one.lastInput), clock, words),
      href: maySetSource(caller, one) ? href(sourcePath(one)) : '',
      label: words.say('room.sources.change'),
    })),
  }
}

type More = {
  readonly now: number
  readonly effect?: ReturnType<typeof sourceAfter> & Pick<SourceState, 'state'>
  readonly fault?: string
  /** Set after a concurrent change. */
  readonly late?: Late
}

export const sourceFormValue = (
  visit: Visit,
  state: SourceState,
  input: SourceFormInput,
  { now, effect, fault, late }: More,
) => {
  const { words, href } = visit
  return {
    name: { text: harmless(state.name), lang: '' },
    ...{ id: '', chip: chipOf(state.marking), fault: fault ? [{ text: fault }] : [] },
    state: stateText(state, now, words),
    lead: words.say('room.source.lead'),
    back: { href: href('/room/sources'), label: words.say('room.source.back') },
    faster: late ? fasterValue(visit, state, late) : null,
    effect: effect ? effectValue(visit, state, input, { now, effect }) : null,
    form: {
      title: words.say(effect ? 'room.mend.otherwise' : 'room.mend.form'),
      actionForm: actionForm(visit, {
        action: href(sourcePath(state)),
        hidden: stampHidden(state),
        first: settingFields(visit, state, input),
        choices: mayMarkSource(visit.caller) ? [placeChoices(input, words)] : [],
        fields: whoAndWhy(visit, input),
        buttons: [{ label: words.say('room.mend.look'), does: 'look', look: effect ? 'second' : 'first' }],
      }),
    },
    text: input.reason === '' ? words.say('room.mend.first') : '',
  }
}

const settingFields = ({ words, caller }: Visit, state: SourceState, input: SourceFormInput): readonly Field[] => [
  field('rhythm', words.say('room.source.rhythm'), {
    choices: choices(rhythmsFor(state), (one) => capitalised(rhythmText(one, state, words)), input.rhythm),
    note: words.say('room.source.rhythm.note'),
    wrong: input.wrong.rhythm ?? '',
  }),
  ...(mayMarkSource(caller)
    ? [
        field('marking', words.say('room.source.marking'), {
          choices: choices(markings, (one) => one, input.marking),
          note: words.say('room.source.marking.note'),
          wrong: input.wrong.marking ?? '',
        }),
      ]
    : []),
]

const placeChoices = (input: SourceFormInput, words: RoomWording): Choices => ({
  name: 'territories',
  legend: words.say('room.source.territories.all'),
  wrong: '',
  items: territories.map(({ code, name }) => ({
    value: code,
    label: name[words.language],
    note: '',
    checked: input.territories.includes(code),
  })),
})

const effectValue = (
  visit: Visit,
  state: SourceState,
  input: SourceFormInput,
  { now, effect }: { readonly now: number; readonly effect: NonNullable<More['effect']> },
) => {
  const { words, href } = visit
  const row = (label: string, before: string, after: string) => (before === after ? [] : [{ label, before, after }])
  return {
    ...effectHead(words),
    rows: [
      ...row(words.say('room.source.rhythm'), everyText(state.rhythm, words), everyText(effect.rhythm, words)),
      ...row(
        words.say('room.setting.state'),
        stateText(state, now, words),
        stateText({ ...state, state: effect.state }, now, words),
      ),
      ...row(
        words.say('room.source.marking'),
        state.declared ?? words.say('room.source.marking.undeclared'),
        effect.marking ?? state.declared ?? words.say('room.source.marking.undeclared'),
      ),
      ...row(
        words.say('room.source.territories'),
        placesText(state.territories, words),
        placesText(effect.territories, words),
      ),
    ],
    stays: words.say('room.source.stays'),
    versions: [],
    wayBack: words.say('room.source.wayBack'),
    actionForm: actionForm(visit, {
      action: href(sourcePath(state)),
      hidden: {
        ...stampHidden(state),
        ...{ rhythm: input.rhythm, marking: input.marking, territories: input.territories },
        ...{ by: input.by, reason: input.reason },
      },
      buttons: [{ label: words.say('room.source.button'), does: 'do' }],
    }),
  }
}

/** Shows an invalid rhythm as sent. */
const typedText = (
  name: Setting,
  { rhythm, marking, territories: codes }: SourceFormInput,
  state: SourceState,
  words: RoomWording,
) => {
  if (name === 'territories') return placesText(codes, words)
  return name === 'rhythm' && isRhythm(rhythm) ? rhythmText(rhythm, state, words) : name === 'rhythm' ? rhythm : marking
}

const fasterValue = (visit: Visit, state: SourceState, { typed, yours }: Late) => {
  const { words, clock } = visit
  const line = (label: string, text: string) =>
    words.say('room.mend.line', { label, text: text === '' ? '–' : harmless(text) })
  const { set } = state
  return fasterParts(
    words,
    set ? words.say('room.source.faster.named', { by: harmless(set.by) }) : words.say('room.source.faster'),
    {
      theirs: [
        line(words.say('room.source.rhythm'), everyText(state.rhythm, words)),
        ...(mayMarkSource(visit.caller)
          ? [line(words.say('room.source.marking'), state.declared ?? words.say('room.source.marking.undeclared'))]
          : []),
        line(words.say('room.source.territories'), placesText(state.territories, words)),
        ...(set
          ? [
              line(words.say('room.history.by'), set.by),
              line(words.say('room.history.at'), timeIn(Date.parse(set.at), clock, words)),
              line(words.say('room.deed.reason'), set.reason ?? ''),
            ]
          : []),
      ],
      yours: [
        ...yours
          .filter((name) => name === 'rhythm' || mayMarkSource(visit.caller))
          .map((name) => line(words.say(`room.source.${name}`), typedText(name, typed, state, words))),
        line(words.say('room.deed.reason'), typed.reason),
      ],
    },
  )
}

export const setWords = (what: readonly string[], words: RoomWording): string =>
  words.list(
    what.map((one) => {
      const territory = territories.find(({ code }) => code === one)
      if (territory) return territory.name[words.language]
      if (one === ownRhythm) return words.say('room.source.rhythm.itsOwn')
      return one === noRhythm || one.startsWith('P') ? everyText(one, words) : one
    }),
  )
