import { type Level, levelNumbers, type LevelValue } from '../../aggregate/level/level.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'

/** ICU's names of cases are no numbers and have no spaces. */
const levelKey = (value: LevelValue): string =>
  typeof value === 'number' ? `l${value}` : value === 'interrupted' ? value : 'other'

export const levelName = (value: LevelValue, words: ReportWording): string =>
  words.say('level.name', { value: levelKey(value) })

/** `2`, `–` for not watched, `✕` for interrupted. */
export const levelSign = (value: LevelValue): string =>
  typeof value === 'number' ? String(value) : value === 'interrupted' ? '✕' : '–'

export const levelMark = ({ value, isAtLeast }: Pick<Level, 'value' | 'isAtLeast'>, words: ReportWording) => ({
  sign: levelSign(value),
  /** Raised steps of the sign, 0 to 4; also its shade. */
  steps: typeof value === 'number' ? value : 0,
  shade: typeof value === 'number' ? String(value) : 'none',
  isNumber: typeof value === 'number',
  name: levelName(value, words),
  atLeast: isAtLeast ? words.say('level.atLeast') : '',
  spoken: words.say('level.spoken', {
    ...numberValues(value, words),
    isAtLeast: isAtLeast ? 'yes' : 'no',
  }),
})

export const numberValues = (value: LevelValue, words: ReportWording) => ({
  isNumber: typeof value === 'number' ? 'yes' : 'no',
  value: levelSign(value),
  name: levelName(value, words),
})

export const scaleOf = (words: ReportWording) =>
  levelNumbers.map((value) => ({ value: String(value), name: levelName(value, words), steps: value }))

/** `whole`: the watch is complete. Undefined without stated rhythms. */
export const inputValues = ({ inputs, isWhole }: Pick<Level, 'inputs' | 'isWhole'>) =>
  inputs && { ...inputs, whole: isWhole && inputs.arrived === inputs.expected ? 'yes' : 'no' }

export const weekNumber = (id: string): string => id.slice(-2).replace(/^0/, '')
