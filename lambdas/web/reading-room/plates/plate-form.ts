import type { Caller } from '../../../domain/access/caller.ts'
import type { Fault } from '../../../domain/core/fault.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { fitsUnder, markings } from '../../../domain/core/marking.ts'
import { type Mask, maskText, maxMasks, parseMask, type Region, requireFew } from '../../../domain/plate/mask.ts'
import { PictureError, pictureLimits } from '../../../domain/plate/picture.ts'
import { checkPlateDetails, partnerOf, type PlateDetails } from '../../../domain/plate/plate.ts'
import type { PostedForm } from '../../../usecases/plates/picture-door.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { byField, closingIn, type SubmittedForm, actionForm, lineIn, tooLong } from '../frame/action-form.ts'
import { faultLine, faultWords } from '../frame/fault-text.ts'
import { choices, type Field, field, type Visit } from '../frame/pages.ts'
import { platesPath } from '../frame/paths.ts'
import { descriptionBounds } from './plates.ts'

/** Longer lines are refused later, not cut. */
const maxLine = 5_000

const texts = ['caption', 'alt', 'changes'] as const

const textNames = texts.flatMap((name) => languages.map((language) => `${name}.${language}` as const))

const roles = ['diverted', 'original'] as const

export type PlateWords = {
  readonly cells: Readonly<Record<string, string>>
  /** The regions as typed. */
  readonly masks: string
  readonly nothing: boolean
  readonly by: string
  readonly wrong: Readonly<Record<string, string>>
}

export const noWords: PlateWords = { cells: {}, masks: '', nothing: false, by: '', wrong: {} }

export const wordsAgain = (details: PlateDetails, masks: readonly Mask[] = [], by = ''): PlateWords => ({
  ...noWords,
  by,
  masks: masks.map(maskText).join('\n'),
  cells: {
    ...Object.fromEntries(
      texts.flatMap((name) => languages.map((language) => [`${name}.${language}`, details[name]?.[language] ?? ''])),
    ),
    ...{ source: details.source, date: details.date, marking: details.marking, archive: details.archive ?? '' },
    crop: details.crop ? maskText(details.crop) : '',
    partner: partnerOf(details) ?? '',
    role: details.divertedFrom === undefined ? (details.originalOf === undefined ? '' : 'original') : 'diverted',
  },
})

/** A description whose file is not yet known. */
type PlateAsked = { readonly details: PlateDetails; readonly masks: readonly Mask[]; readonly by: string }

/** Reads the form; `asked` is undefined if a field is wrong. */
export const plateWordsIn = (
  form: SubmittedForm,
  visit: Visit,
): { readonly typed: PlateWords; readonly asked: PlateAsked | undefined } => {
  const { words, caller } = visit
  const names = [...textNames, 'source', 'date', 'marking', 'archive', 'partner', 'role', 'crop']
  const cells = Object.fromEntries(names.map((name) => [name, lineIn(form, name)]))
  const { by, wrong: whose } = closingIn(visit, form, false)
  const [masks, nothing] = [form.get('masks') ?? '', form.get('nothing') === 'yes']
  const crop = cropIn(cells.crop ?? '', words)
  const read = checkPlateDetails(descriptionInput(cells, crop.region))
  const regions = regionsIn(masks, nothing, words)
  const wrong = {
    ...('wrong' in read ? faultsOf(read.wrong, words) : {}),
    ...(crop.wrong === undefined ? {} : { crop: crop.wrong }),
    ...pairFaults(cells, words),
    ...(isMarkingFor(cells.marking, caller) ? {} : { marking: words.say('room.plate.marking.wrong') }),
    ...('wrong' in regions ? { masks: regions.wrong } : {}),
    ...tooLong(form, names, words, maxLine),
    ...whose,
  }
  const typed = { cells, masks: masks.slice(0, maxMasks * 24), nothing, by, wrong }
  const isRight = Object.keys(wrong).length === 0 && 'details' in read && 'masks' in regions
  return { typed, asked: isRight ? { details: read.details, masks: regions.masks, by } : undefined }
}

/** Users may only add images that their clearance lets them see. */
const isMarkingFor = (written: string | undefined, { clearance }: Caller): boolean =>
  markings.some((marking) => marking === written && fitsUnder(marking, clearance))

const descriptionInput = (
  cells: Readonly<Record<string, string>>,
  crop: Region | undefined,
): Parameters<typeof checkPlateDetails>[0] => {
  const orNone = (name: string): string | undefined => cells[name] || undefined
  const both = (name: string) => Object.fromEntries(languages.map((one) => [one, cells[`${name}.${one}`] ?? '']))
  const hasChanges = languages.some((one) => cells[`changes.${one}`])
  return {
    caption: both('caption'),
    alt: both('alt'),
    changes: hasChanges ? both('changes') : undefined,
    source: cells.source,
    date: cells.date,
    marking: cells.marking,
    archive: orNone('archive'),
    originalOf: cells.role === 'original' ? orNone('partner') : undefined,
    divertedFrom: cells.role === 'diverted' ? orNone('partner') : undefined,
    crop,
  }
}

/** Maps faults to form fields; both hashes share the field `partner`. */
const faultsOf = (wrong: Readonly<Record<string, Fault>>, words: RoomWording): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(wrong).map(([name, reason]) => {
      if (name.startsWith('changes')) return [name, words.say('room.plate.changes.wrong')]
      const isHash = name === 'originalOf' || name === 'divertedFrom'
      return isHash ? ['partner', words.say('room.plate.partner.wrong')] : [name, faultWords(words, reason).text]
    }),
  )

const pairFaults = (cells: Readonly<Record<string, string>>, words: RoomWording) =>
  (cells.partner === '') === (cells.role === '') && (cells.role === '' || roles.some((one) => one === cells.role))
    ? {}
    : { role: words.say('room.plate.role.wrong') }

const cropIn = (
  written: string,
  words: RoomWording,
): { readonly region?: Region | undefined; readonly wrong?: string } => {
  if (written === '') return {}
  try {
    return { region: parseMask(written) }
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    return { wrong: faultWords(words, error.fault).text }
  }
}

const regionsIn = (
  written: string,
  nothing: boolean,
  words: RoomWording,
): { readonly masks: readonly Mask[] } | { readonly wrong: string } => {
  const lines = written.split('\n').filter((line) => line.trim() !== '')
  if ((lines.length === 0) !== nothing) return { wrong: words.say('room.plate.masks.wrong') }
  try {
    requireFew(lines.length)
    return { masks: lines.map(parseMask) }
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    return { wrong: faultWords(words, error.fault).text }
  }
}

const textField = (name: (typeof textNames)[number], { cells, wrong }: PlateWords, words: RoomWording): Field => {
  const [root = 'caption', language = 'fr'] = name.split('.') as [(typeof texts)[number], (typeof languages)[number]]
  return field(name, words.say(`room.plate.${root}`, { language: words.say(`room.plate.in.${language}`) }), {
    ...{ lines: 2, value: cells[name] ?? '', wrong: wrong[name] ?? '' },
    note:
      root === 'alt'
        ? words.say('room.plate.alt.note')
        : root === 'changes'
          ? words.say('room.plate.changes.note')
          : '',
  })
}

const ownFields = ({ words, caller }: Visit, { cells, wrong }: PlateWords): readonly Field[] => {
  const line = (name: 'source' | 'date' | 'archive' | 'partner' | 'crop', note = '') =>
    field(name, words.say(`room.plate.${name}`), {
      ...{ type: 'text' as const, value: cells[name] ?? '', wrong: wrong[name] ?? '', note },
    })
  return [
    line('source'),
    line('date', words.say('room.plate.date.note')),
    line('archive', words.say('room.plate.optional')),
    field('marking', words.say('list.marking'), {
      wrong: wrong.marking ?? '',
      choices: choices(
        markings.filter((one) => fitsUnder(one, caller.clearance)),
        (one) => one,
        cells.marking ?? '',
        words.say('room.plate.marking.none'),
      ),
    }),
    field('role', words.say('room.plate.role'), {
      wrong: wrong.role ?? '',
      choices: choices(
        roles,
        (one) => words.say(`room.plate.role.${one}`),
        cells.role ?? '',
        words.say('room.plate.role.none'),
      ),
    }),
    line('partner', words.say('room.plate.partner.note')),
    line('crop', words.say('room.plate.crop.note')),
  ]
}

export const plateFormValue = (visit: Visit, typed: PlateWords) => {
  const { words, href } = visit
  const named = (name: (typeof texts)[number]) =>
    textNames.filter((one) => one.startsWith(name)).map((one) => textField(one, typed, words))
  return {
    ...{ name: { text: '', lang: '' }, id: '', chip: null, state: '', fault: [], faster: null, effect: null },
    lead: words.say('room.plate.add.lead'),
    back: { href: href(platesPath), label: words.say('room.plate.back') },
    form: {
      title: words.say('room.plate.said'),
      actionForm: actionForm(visit, {
        action: href(`${platesPath}/add`),
        first: [
          field('masks', words.say('room.plate.masks'), {
            ...{ lines: 4, value: typed.masks, wrong: typed.wrong.masks ?? '' },
            note: words.say('room.plate.masks.note'),
          }),
        ],
        choices: [
          {
            ...{ name: 'nothing', legend: words.say('room.plate.nothing'), wrong: '' },
            items: [
              {
                value: 'yes',
                label: words.say('room.plate.nothing.yes'),
                note: words.say('room.plate.nothing.note'),
                checked: typed.nothing,
              },
            ],
          },
        ],
        fields: [
          ...named('caption'),
          ...named('alt'),
          ...ownFields(visit, typed),
          ...named('changes'),
          ...byField(visit, typed.by, typed.wrong.by ?? ''),
        ],
        buttons: [{ label: words.say('room.plate.further'), does: 'say' }],
      }),
    },
    text: '',
  }
}

/** Megabytes of 1,000,000 bytes. */
const most = pictureLimits.fileBytes / 1_000_000

export type WrongFile = 'none' | 'large'

type UploadShown = {
  readonly id: string
  readonly asked: PlateAsked
  /** Undefined once the file is uploaded or refused. */
  readonly form: PostedForm | undefined
  readonly isHere: boolean
  readonly wrongFile?: WrongFile | undefined
  readonly refused?: { readonly reason: Fault; readonly existingPlate: string | undefined } | undefined
}

export const uploadPath = (id: string): string => `${platesPath}/uploads/${id}`

export const uploadValue = (visit: Visit, shown: UploadShown) => {
  const { words, href } = visit
  const { id, asked, form, isHere, refused } = shown
  const { details, masks, by } = asked
  const { wrongFile } = shown
  const wrong = wrongFile ? words.say(`room.plate.file.${wrongFile}`, { most }) : ''
  return {
    lead: form ? words.say(isHere ? 'room.plate.upload.lead.here' : 'room.plate.upload.lead') : '',
    back: { href: href(`${platesPath}/add`, { upload: id }), label: words.say('room.plate.upload.again') },
    refused: refused
      ? {
          fault: [faultLine(words, refused.reason)],
          existingPlate:
            refused.existingPlate === undefined
              ? null
              : { href: href(`${platesPath}/${refused.existingPlate}`), label: words.say('room.plate.upload.stands') },
        }
      : null,
    sent:
      form || refused
        ? null
        : {
            again: { href: href(uploadPath(id)), label: words.say('room.plate.upload.resend') },
          },
    upload: form
      ? {
          action: form.action,
          fields: form.fields.map(([name, value]) => ({ name, value })),
          problem: wrong && words.say('room.deed.wrong', { count: 1 }),
          file: {
            label: words.say('room.plate.file'),
            note: words.say('room.plate.file.note', { most }),
            wrong,
          },
        }
      : null,
    description: [
      {
        ...{ label: words.say('room.plate.upload.regions'), lang: '', code: masks.length > 0 },
        text: masks.length === 0 ? words.say('room.plate.upload.nothing', { by }) : masks.map(maskText).join(' · '),
      },
      ...descriptionBounds(words, details),
      { label: words.say('list.marking'), text: details.marking, lang: '', code: false },
      { label: words.say('room.plate.by'), text: by, lang: '', code: false },
    ],
  }
}
