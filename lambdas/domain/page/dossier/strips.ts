/** Draws account sets over operations: a column per profile, as wide as its accounts. */
import english from '../../../../templates/messages/strips.en.json' with { type: 'json' }
import french from '../../../../templates/messages/strips.fr.json' with { type: 'json' }
import type { Wording } from '../../core/language/language.ts'
import { type MessageKey, type ReportWording, reportWordingWith } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { DossierFacts } from '../../dossier/dossier.ts'
import type { Profile, Strip } from '../../dossier/strips.ts'
import { type DossierTable, figureText, maxNameChars, tableOf } from '../words/dossier-tables.ts'
import { whenSeen, nameText, shortened, titleOf } from '../words/phrases.ts'

/** Percent of the sheet's width, per character. */
const letterWidth = 1.4
const maxTitleChars = 60

/** Separate catalogue: only strips use it. */
const stripWordingOf = reportWordingWith({ fr: french, en: english })

type StripWording = Wording<MessageKey | keyof typeof english>

export const stripsOf = (
  { strips = [] }: DossierFacts,
  territory: Subject,
  { language }: Pick<ReportWording, 'language'>,
) => strips.map((strip, at) => drawingOf(strip, `dossier-profiles-${at + 1}`, territory, stripWordingOf(language)))

export const noStrip = ({ sets, strips = [] }: DossierFacts, { language }: Pick<ReportWording, 'language'>): string =>
  sets.length > 0 && strips.length === 0
    ? stripWordingOf(language).say('dossier.strip.none', { count: sets.length })
    : ''

export type StripDrawing = ReturnType<typeof drawingOf>

/** Positions are percents of the width. */
const drawingOf = (strip: Strip, anchor: string, territory: Subject, words: StripWording) => {
  const places = placesOf(strip)
  const rows = strip.operations.map(({ operation, part, isKnown }, row) => {
    const { bars, gaps } = cellsOf(strip.profiles, places, row)
    return {
      number: words.number(row + 1),
      name: titleOf(operation.title, words.language, maxTitleChars),
      when: whenSeen(operation, territory, words),
      part: figureText(part, words),
      /** Null if the participants are unknown. */
      bars: isKnown ? bars : null,
      gaps: isKnown ? gaps : [],
    }
  })
  return {
    title: titleText(strip, words),
    note: words.say('dossier.strip.note', {
      folded: strip.profiles.at(-1)?.folded ?? 1,
      unknown: strip.operations.filter(({ isKnown }) => !isKnown).length,
    }),
    /** Alternative text. */
    text: words.say('dossier.strip.text', {
      accounts: strip.accounts,
      profiles: strip.profiles.length,
      // An abbreviation already ends with a full stop.
      operations: rows
        .map(({ number, part }) => words.say('dossier.strip.row', { number, part }))
        .join(words.say('dossier.strip.then'))
        .replace(/\.$/, ''),
      list: strip.profiles
        .map((profile) =>
          words.say('dossier.strip.profile', {
            count: profile.accounts,
            where: tookPartText(profile, words),
          }),
        )
        .join(words.say('dossier.strip.then')),
    }),
    columns: places.flatMap(({ at, width }, column) => {
      const written = words.number(strip.profiles[column]?.accounts ?? 0)
      return width < written.length * letterWidth ? [] : [{ at: rounded(at + width / 2), written }]
    }),
    rows,
    table: profilesTable(strip, anchor, words),
    more: [
      ...(strip.more > 0 ? [words.say('dossier.strip.more', { count: strip.more })] : []),
      ...(strip.others > 0 ? [words.say('dossier.strip.others', { count: strip.others })] : []),
    ].join(' '),
  }
}

type Place = { readonly at: number; readonly width: number }

const rounded = (value: number): number => Math.round(value * 1000) / 1000

const placesOf = ({ profiles, accounts }: Strip): readonly Place[] => {
  let before = 0
  return profiles.map((profile) => {
    const at = (before / accounts) * 100
    before += profile.accounts
    return { at, width: (profile.accounts / accounts) * 100 }
  })
}

/** In a merged column, the bar's width is the number of participants. */
const cellsOf = (profiles: readonly Profile[], places: readonly Place[], row: number) => {
  const cells = profiles.map(({ accounts, tookPart, folded }, column) => {
    const { at, width } = places[column] ?? { at: 0, width: 0 }
    const taken = ((tookPart[row] ?? 0) / accounts) * width
    return { at, width, taken, isMixed: folded > 1 }
  })
  return {
    bars: cells.flatMap(({ at, taken, isMixed }) =>
      taken > 0 ? [{ at: rounded(at), width: rounded(taken), isMixed }] : [],
    ),
    gaps: cells.flatMap(({ at, width, taken }) =>
      taken < width ? [{ at: rounded(at + taken), width: rounded(width - taken) }] : [],
    ),
  }
}

const titleText = ({ id, name, accounts, isSize, operations, profiles }: Strip, words: StripWording): string => {
  const latest = operations.findLastIndex(({ isKnown }) => isKnown)
  const part = profiles.reduce((sum, { tookPart }) => sum + (tookPart[latest] ?? 0), 0)
  return words.say('dossier.strip.title', {
    name: words.quoted(shortened(nameText(name ?? id, words), maxNameChars)),
    part,
    rest: accounts - part,
    accounts,
    number: latest + 1,
    isSize: isSize ? 'yes' : 'no',
  })
}

/** `1, 3 and 4`; with numbers for merged profiles. */
const tookPartText = ({ accounts, tookPart }: Profile, words: StripWording): string => {
  const those = tookPart.flatMap((count, at) =>
    count
      ? [count === accounts ? words.number(at + 1) : words.say('dossier.strip.some', { number: at + 1, count })]
      : [],
  )
  return those.length === 0 ? words.say('dossier.strip.nowhere') : words.list(those)
}

const absentText = ({ tookPart }: Profile, words: StripWording): string => {
  const those = tookPart.flatMap((count, at) => (count === 0 ? [words.number(at + 1)] : []))
  return those.length === 0 ? '–' : words.list(those)
}

const profilesTable = (strip: Strip, anchor: string, words: StripWording): DossierTable =>
  tableOf<Profile | 'sum'>(
    { anchor, kind: 'profiles' },
    [...strip.profiles, 'sum'],
    [
      {
        label: words.say('dossier.strip.tookPart'),
        of: (row) => (row === 'sum' ? words.say('dossier.strip.sum') : tookPartText(row, words)),
        under: (row) =>
          row !== 'sum' && row.folded > 1 ? [words.say('dossier.strip.folded', { count: row.folded })] : [],
      },
      { label: words.say('dossier.strip.absent'), of: (row) => (row === 'sum' ? '' : absentText(row, words)) },
      {
        label: words.say('list.accounts'),
        number: true,
        of: (row) => words.number(row === 'sum' ? strip.accounts : row.accounts),
      },
    ],
  )
