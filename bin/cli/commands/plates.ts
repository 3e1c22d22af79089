/** `vigie plates`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { type Mask, maskText } from '../../../lambdas/domain/plate/mask.ts'
import type { Plate, PlateSaid } from '../../../lambdas/domain/plate/plate.ts'
import type { ExpiredPlate } from '../../../lambdas/usecases/plates/expire-plates.ts'
import { notEmpty, usage } from '../arguments.ts'
import type { CliContext } from '../context.ts'
import { run } from '../run.ts'

export const plateCommands = (vigie: Command): void => {
  const plates = vigie.command('plates').description('evidence plates: masked pictures that detections name by hash')
  addCommand(plates)
  listCommand(plates)
  showCommand(plates)
  forgetCommand(plates)
  expireCommand(plates)
  recallCommand(plates)
}

const addCommand = (plates: Command): void => {
  plates
    .command('add')
    .description('decode a picture, mask it, and store it anew: of the file nothing is kept but its hash')
    .argument('<file>', 'a PNG, a JPEG or a WebP; - is standard input')
    .requiredOption('--by <name>', 'who answers for the masks', notEmpty('--by', 'give your name'))
    .addOption(
      new Option(
        '--mask <x,y,w,h>',
        'a region to cover, in pixels of the picture as it is looked at; may be given again',
      )
        .argParser(collected)
        .conflicts('nothingToMask'),
    )
    .option('--nothing-to-mask', 'state that it shows no face, no handle and no avatar')
    .requiredOption('--caption-fr <text>', 'the caption in French')
    .requiredOption('--caption-en <text>', 'the caption in English')
    .requiredOption('--alt-fr <text>', 'what it shows, in French, for who does not see it')
    .requiredOption('--alt-en <text>', 'the same in English')
    .requiredOption('--source <name>', 'where it was published')
    .requiredOption('--date <day>', 'of its publication: a day, a month or a year')
    .option('--archive <url>', 'address of a copy')
    .option('--changes-fr <text>', 'what it changes of its original, in French: facts, no intent')
    .option('--changes-en <text>', 'the same in English')
    .addOption(new Option('--original-of <hash>', 'it is the original of this plate').conflicts('pair'))
    .option('--pair <hash>', 'it diverts this plate, its original')
    .addOption(
      new Option('--crop <x,y,w,h>', 'the region of its original that it shows, in pixels of that').conflicts(
        'originalOf',
      ),
    )
    .requiredOption('--tlp <marking>', 'its marking')
    .action(async (file: string, options: AddOptions, command: Command) => {
      const masks = await masksAsked(options)
      const said = await saidIn(options)
      await run('plates add', command, async ({ services }) => {
        const { pictureLimits } = await import('../../../lambdas/domain/plate/picture.ts')
        const { maskPicture } = await import('../../../lambdas/render/picture-decoder.ts')
        const { addPlate } = await import('../../../lambdas/usecases/plates/add-plate.ts')
        const { bytesOf } = await import('../files.ts')
        // One byte more, so that what is too long is refused as such.
        const bytes = await bytesOf(file, pictureLimits.fileBytes + 1)
        const { plate, isNew } = await addPlate({ file: bytes, masks, said, by: options.by }, maskPicture, services)
        const masked = plate.masks === 0 ? 'nothing masked' : plural(plate.masks, 'mask')
        return {
          value: { ...plate, isNew },
          lines: [
            `${isNew ? 'stored' : 'there already'}: ${plate.sha256}`,
            `${plate.width} × ${plate.height} pixels, ${plate.bytes} bytes, ${masked}, ${plate.marking}`,
            'name it in a detection: "plates": ["…"] (docs/plates.md)',
          ],
        }
      })
    })
}

const listCommand = (plates: Command): void => {
  plates
    .command('list')
    .description('every one, of every marking, those without their picture too')
    .action(async (_options: object, command: Command) =>
      run('plates list', command, async ({ services }) => {
        const { plainTable } = await import('../tables.ts')
        const value = (await services.plates.list()).toSorted((a, b) => (a.addedAt < b.addedAt ? -1 : 1))
        return {
          value,
          lines: plainTable(
            ['Plate', 'Added', 'By', 'Marking', 'Caption', ''],
            value.map(({ sha256, addedAt, by, marking, caption, removed }) => [
              sha256.slice(0, 16),
              addedAt.slice(0, 10),
              by,
              marking,
              caption.en,
              removed ? `removed: ${removed.reason}` : '',
            ]),
          ),
        }
      }),
    )
}

const showCommand = (plates: Command): void => {
  plates
    .command('show')
    .description('one with its words, and the archived versions that hold its picture')
    .argument('<hash>', 'of the stored picture, or at least eight digits of its beginning')
    .option('--out <file>', 'write the masked picture to this file, which is not there yet')
    .action(async (hash: string, { out }: { readonly out?: string }, command: Command) =>
      run('plates show', command, async ({ services }) => {
        const { findPlate, versionId, versionsShowing } =
          await import('../../../lambdas/usecases/plates/forget-plate.ts')
        const plate = await findPlate(hash, services)
        const shownBy = (await versionsShowing(plate.sha256, services)).map(versionId)
        if (out !== undefined) {
          const bytes = await services.pictures?.get(plate.sha256)
          if (!bytes) throw new Error(`the picture of plate ${plate.sha256} is not there any more`)
          const { writeFile } = await import('node:fs/promises')
          await writeFile(out, bytes, { flag: 'wx', mode: 0o600 })
        }
        return { value: { ...plate, shownBy }, lines: [...linesOf(plate), ...shownLines(shownBy)] }
      }),
    )
}

const forgetCommand = (plates: Command): void => {
  plates
    .command('forget')
    .description('remove a picture for good; later reports say why, and archived ones are listed')
    .argument('<hash>', 'of the stored picture, or at least eight digits of its beginning')
    .requiredOption('--reason <text>', 'printed in place of the picture', notEmpty('--reason'))
    .requiredOption('--by <name>', 'who removes it', notEmpty('--by', 'give your name'))
    .action(async (hash: string, { reason, by }: { readonly reason: string; readonly by: string }, command: Command) =>
      run('plates forget', command, async ({ services }) => {
        const { findPlate, forgetPlate, versionId, versionsShowing } =
          await import('../../../lambdas/usecases/plates/forget-plate.ts')
        const { plate, isNew } = await forgetPlate(await findPlate(hash, services), { by, reason }, services)
        const shownBy = (await versionsShowing(plate.sha256, services)).map(versionId)
        return {
          value: { ...plate, already: !isNew, shownBy },
          lines: [
            isNew
              ? `the picture of ${plate.sha256} is removed: the next version of a report says why in its place`
              : `it was removed already, on ${plate.removed?.at.slice(0, 10)}: ${plate.removed?.reason}`,
            ...shownLines(shownBy),
            ...(shownBy.length === 0
              ? []
              : [`recall them all: vigie plates recall ${plate.sha256.slice(0, 16)} --reason …`]),
          ],
        }
      }),
    )
}

const expireCommand = (plates: Command): void => {
  plates
    .command('expire')
    .description('remove the pictures of plates that were added before a day, or whose time is over')
    .option('--before <day>', 'the first day whose plates stay, as 2025-01-01; else as vigie.json says it')
    .option('--reason <text>', 'with --before: printed in place of each picture', notEmpty('--reason'))
    .option('--by <name>', 'who removes them', notEmpty('--by', 'give your name'))
    .option('--check', 'tell which they are, and remove none', false)
    .action(async (options: ExpireOptions, command: Command) => {
      const { before, reason, by, check } = options
      const first = before === undefined ? undefined : await dayAsked(before)
      if (first === undefined && reason !== undefined)
        throw new InvalidArgumentError('--reason goes with --before: else the reason is the time that vigie.json says')
      if (first !== undefined && !check && (reason === undefined || by === undefined))
        throw new InvalidArgumentError('--before takes --reason and --by: they are kept, and the reason is printed')
      await run('plates expire', command, async ({ services, folder, stage }) => {
        const { expirePlates, platesBefore } = await import('../../../lambdas/usecases/plates/expire-plates.ts')
        if (first === undefined) return expireAsSet(options, { services, folder, stage })
        const due = await platesBefore(first, services)
        const value = check || !by || !reason ? due : await expirePlates(due, { by, reason }, services)
        return { value, lines: expiredLines(value, first, check) }
      })
    })
}

const dayAsked = async (written: string): Promise<string> => {
  const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
  const { first, last } = usage('--before', () => parsePeriod(written))
  if (first !== last) throw new InvalidArgumentError(`--before: ${written} is no day: give one as 2025-01-01`)
  return first
}

/** By the house's own time. */
const expireAsSet = async (
  { by, check }: ExpireOptions,
  { services, folder, stage }: Pick<CliContext, 'services' | 'folder' | 'stage'>,
) => {
  const { readOrganisationLimits } = await import('../../../lambdas/config/organisation-file.ts')
  const { expireByRetention, platesBefore } = await import('../../../lambdas/usecases/plates/expire-plates.ts')
  const { firstKept } = await import('../../../lambdas/domain/plate/retention.ts')
  if (stage !== undefined)
    throw new InvalidArgumentError('--before: a stage removes by itself what its house keeps no longer; else say a day')
  const { plateRetentionDays: days } = await readOrganisationLimits(folder)
  if (days === undefined)
    throw new InvalidArgumentError('--before: say a day, or plateRetentionDays in vigie.json: it says no time yet')
  const at = services.clock()
  if (check) {
    const before = firstKept(at, days)
    const value = await platesBefore(before, services)
    return { value, lines: expiredLines(value, before, check) }
  }
  const { operator } = await import('../ingest-files.ts')
  const done = await expireByRetention({ days, at, by: by ?? operator.name }, services)
  if ('paused' in done) {
    const { by: who, reason } = done.paused
    return { value: [], lines: [`paused by ${who} (${reason}): vigie schedules resume plates lets it go on`] }
  }
  return { value: done.removed, lines: expiredLines(done.removed, done.before, check) }
}

const expiredLines = (plates: readonly ExpiredPlate[], before: string, check: boolean): readonly string[] =>
  plates.length === 0
    ? [`no picture came before ${before}`]
    : plates.flatMap((plate) => [
        `${plate.sha256} of ${plate.addedAt.slice(0, 10)} ${check ? 'would be' : 'is'} removed`,
        ...plate.shownBy.map((id) => `  ${id} holds it`),
      ])

type ExpireOptions = {
  readonly before?: string
  readonly reason?: string
  readonly by?: string
  readonly check: boolean
}

const recallCommand = (plates: Command): void => {
  plates
    .command('recall')
    .description('recall every archived version that holds the picture')
    .argument('<hash>', 'of the stored picture, or at least eight digits of its beginning')
    .requiredOption('--reason <text>', 'kept with each version', notEmpty('--reason'))
    .option('--by <name>', 'who recalls them: the history keeps it; else whoever uses this machine')
    .action(async (hash: string, options: { readonly reason: string; readonly by?: string }, command: Command) =>
      run('plates recall', command, async ({ services }) => {
        const { findPlate, recallShowing, versionId } = await import('../../../lambdas/usecases/plates/forget-plate.ts')
        const { receiversOf } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
        const { operator } = await import('../ingest-files.ts')
        const said = { reason: options.reason, by: options.by ?? operator.name }
        const { sha256 } = await findPlate(hash, services)
        const value: { id: string; receivers: number }[] = []
        for (const entry of await recallShowing(sha256, said, services)) {
          const receivers = await receiversOf(entry, services)
          value.push({ id: versionId(entry), receivers: receivers.length })
        }
        return {
          value,
          lines:
            value.length === 0
              ? ['no version that answers requests holds it']
              : value.map(
                  ({ id, receivers }) => `${id} is recalled; ${plural(receivers, 'reader')} got it, or may have`,
                ),
        }
      }),
    )
}

const shownLines = (ids: readonly string[]): readonly string[] =>
  ids.length === 0
    ? ['no archived version that answers requests holds it']
    : ['archived versions that hold it:', ...ids.map((id) => `  ${id}`)]

const linesOf = (plate: Plate): readonly string[] => [
  `${plate.sha256} (${plate.kind}, ${plate.width} × ${plate.height} pixels, ${plate.bytes} bytes)`,
  `received as ${plate.received}`,
  `${plate.marking}, added ${plate.addedAt} by ${plate.by}, ${plate.masks === 0 ? 'who states that there is nothing to mask' : plural(plate.masks, 'mask')}`,
  `FR ${plate.caption.fr}`,
  `EN ${plate.caption.en}`,
  `alt FR ${plate.alt.fr}`,
  `alt EN ${plate.alt.en}`,
  ...(plate.changes ? [`changes FR ${plate.changes.fr}`, `changes EN ${plate.changes.en}`] : []),
  `${plate.source}, ${plate.date}${plate.archive === undefined ? ', not archived' : `, copy at ${plate.archive}`}`,
  ...(plate.originalOf === undefined ? [] : [`the original of ${plate.originalOf}`]),
  ...(plate.divertedFrom === undefined ? [] : [`diverts ${plate.divertedFrom}`]),
  ...(plate.crop ? [`shows ${maskText(plate.crop)} of its original`] : []),
  ...(plate.receivedSize ? [`received with ${plate.receivedSize.width} × ${plate.receivedSize.height} pixels`] : []),
  ...(plate.removed ? [`removed ${plate.removed.at} by ${plate.removed.by}: ${plate.removed.reason}`] : []),
]

const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** What is to be covered, or a person's word that nothing is. */
const masksAsked = async ({ mask = [], nothingToMask = false }: AddOptions): Promise<readonly Mask[]> => {
  if ((mask.length === 0) !== nothingToMask)
    throw new InvalidArgumentError('say what to cover by --mask, or that there is nothing: --nothing-to-mask')
  const { parseMask } = await import('../../../lambdas/domain/plate/mask.ts')
  return mask.map((one) => usage('--mask', () => parseMask(one)))
}

const saidIn = async (options: AddOptions): Promise<PlateSaid> => {
  const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
  const { readPlateSaid } = await import('../../../lambdas/domain/plate/plate.ts')
  const { parseMask } = await import('../../../lambdas/domain/plate/mask.ts')
  const { changesFr: fr, changesEn: en, archive, pair, originalOf, crop } = options
  if ((fr === undefined) !== (en === undefined))
    throw new InvalidArgumentError('--changes-fr and --changes-en go together')
  return usage('plate', () =>
    readPlateSaid({
      caption: { fr: options.captionFr, en: options.captionEn },
      alt: { fr: options.altFr, en: options.altEn },
      source: options.source,
      date: options.date,
      marking: parseMarking(options.tlp),
      changes: fr === undefined ? undefined : { fr, en },
      archive,
      originalOf,
      divertedFrom: pair,
      crop: crop === undefined ? undefined : usage('--crop', () => parseMask(crop)),
    }),
  )
}

type AddOptions = {
  readonly by: string
  readonly mask?: readonly string[]
  readonly nothingToMask?: boolean
  readonly captionFr: string
  readonly captionEn: string
  readonly altFr: string
  readonly altEn: string
  readonly source: string
  readonly date: string
  readonly archive?: string
  readonly changesFr?: string
  readonly changesEn?: string
  readonly originalOf?: string
  readonly pair?: string
  readonly crop?: string
  readonly tlp: string
}
