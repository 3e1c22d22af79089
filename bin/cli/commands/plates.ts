import { InvalidArgumentError } from 'commander'
import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { maskText } from '../../../lambdas/domain/plate/mask.ts'
import type { Plate } from '../../../lambdas/domain/plate/plate.ts'
import { removalReason } from '../../../lambdas/domain/plate/retention.ts'
import { markingAsked, usage, whoDoes } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { command, group, list } from '../table.ts'
import { argument, author, option } from '../words.ts'

const hash = argument('<hash>', 'of the stored picture, or at least eight digits of its beginning')

const maskAsked = async (word: string, written: string) => {
  const { parseMask } = await import('../../../lambdas/domain/plate/mask.ts')
  return usage(word, () => parseMask(written))
}

export const plateCommands = [
  group('plates', 'evidence images: masked pictures that detections name by hash'),
  command('plates add', {
    description: 'decode, mask and store a picture; only a hash of the original file is kept',
    takes: {
      file: argument('<file>', 'a PNG, a JPEG or a WebP; - is standard input'),
      by: author('name of the person responsible for the masks', 'give your name').needed(),
      masks: option('--mask <x,y,w,h>', 'region to cover, in pixels of the displayed picture; repeatable')
        .not('nothingToMask')
        .repeated()
        .read((word, all) => Promise.all(all.map((one) => maskAsked(word, one)))),
      nothingToMask: option('--nothing-to-mask', 'confirm that it shows no face, no handle and no avatar'),
      captionFr: option('--caption-fr <text>', 'the caption in French').needed(),
      captionEn: option('--caption-en <text>', 'the caption in English').needed(),
      altFr: option('--alt-fr <text>', 'alternate text in French').needed(),
      altEn: option('--alt-en <text>', 'the same in English').needed(),
      source: option('--source <name>', 'place of publication').needed(),
      date: option('--date <day>', 'of its publication: a day, a month or a year').needed(),
      archive: option('--archive <url>', 'address of a copy'),
      changesFr: option('--changes-fr <text>', 'changes against its original, in French: facts, no intent'),
      changesEn: option('--changes-en <text>', 'the same in English'),
      originalOf: option('--original-of <hash>', 'this is the original of that picture').not('pair'),
      divertedFrom: option('--pair <hash>', 'this diverts that picture, its original'),
      crop: option('--crop <x,y,w,h>', 'region of the original that it shows, in pixels of the original')
        .not('originalOf')
        .read((word, written) => maskAsked(`image: ${word}`, written)),
      marking: option('--tlp <marking>', 'its marking')
        .needed()
        .read((_, written) => markingAsked('image', written)),
    },
    check: async ({ file, by, masks = [], nothingToMask = false, ...words }) => {
      if ((masks.length === 0) !== nothingToMask)
        throw new InvalidArgumentError('give what to cover with --mask, or --nothing-to-mask if there is nothing')
      const { captionFr, captionEn, altFr, altEn, changesFr: fr, changesEn: en, ...plain } = words
      if ((fr === undefined) !== (en === undefined))
        throw new InvalidArgumentError('--changes-fr and --changes-en go together')
      const { archive, originalOf, divertedFrom, crop, ...given } = plain
      const { readPlateDetails } = await import('../../../lambdas/domain/plate/plate.ts')
      const details = usage('image', () =>
        readPlateDetails({
          ...{ ...given, archive, originalOf, divertedFrom, crop },
          caption: { fr: captionFr, en: captionEn },
          alt: { fr: altFr, en: altEn },
          changes: fr === undefined ? undefined : { fr, en },
        }),
      )
      return { file, by, masks, details }
    },
    run: async ({ file, ...asked }, { services }) => {
      const { pictureLimits } = await import('../../../lambdas/domain/plate/picture.ts')
      const { maskPicture } = await import('../../../lambdas/render/picture-decoder.ts')
      const { addPlate } = await import('../../../lambdas/usecases/plates/add-plate.ts')
      const { bytesOf } = await import('../files.ts')
      // One extra byte, so that a file over the limit is refused.
      const bytes = await bytesOf(file, pictureLimits.fileBytes + 1)
      const { plate, isNew } = await addPlate({ file: bytes, ...asked }, maskPicture, services)
      const masked = plate.masks === 0 ? 'nothing masked' : plural(plate.masks, 'mask')
      return {
        value: { ...plate, isNew },
        lines: [
          `${isNew ? 'stored' : 'there already'}: ${plate.sha256}`,
          `${plate.width} × ${plate.height} pixels, ${plate.bytes} bytes, ${masked}, ${plate.marking}`,
          'name it in a detection: "plates": ["…"] (docs/data.md)',
        ],
      }
    },
  }),
  list('plates list', {
    description: 'all evidence images, of every marking, including removed pictures',
    read: async (_, { services }) =>
      (await services.plates.list()).toSorted((a, b) => (a.addedAt < b.addedAt ? -1 : 1)),
    columns: {
      Image: ({ sha256 }) => sha256.slice(0, 16),
      Added: ({ addedAt }) => addedAt.slice(0, 10),
      By: ({ by }) => by,
      Marking: ({ marking }) => marking,
      Caption: ({ caption }) => caption.en,
      '': ({ removed }) => removed && `removed: ${reasonText(removalReason(removed))}`,
    },
  }),
  command('plates show', {
    description: 'one evidence image with its texts, and the archived versions that contain it',
    takes: { hash, out: option('--out <file>', 'write the masked picture to this new file') },
    run: async ({ hash, out }, { services }) => {
      const { findPlate } = await import('../../../lambdas/usecases/plates/forget-plate.ts')
      const plate = await findPlate(hash, services)
      const shownBy = await showing(plate, services)
      if (out !== undefined) {
        const bytes = await services.pictures?.get(plate.sha256)
        if (!bytes) throw new Error(`the picture of the evidence image ${plate.sha256} is no longer stored`)
        const { writeFile } = await import('node:fs/promises')
        await writeFile(out, bytes, { flag: 'wx', mode: 0o600 })
      }
      return { value: { ...plate, shownBy }, lines: [...linesOf(plate), ...shownLines(shownBy)] }
    },
  }),
  command('plates forget', {
    description:
      'remove a picture permanently; later reports print the reason, archived reports that contain it are listed',
    takes: {
      hash,
      reason: option('--reason <text>', 'printed in place of the picture').filled().needed(),
      by: author('who removes it', 'give your name').needed(),
    },
    run: async ({ hash, ...removal }, { services }) => {
      const { findPlate, forgetPlate } = await import('../../../lambdas/usecases/plates/forget-plate.ts')
      const { plate, isNew } = await forgetPlate(await findPlate(hash, services), removal, services)
      const shownBy = await showing(plate, services)
      return {
        value: { ...plate, already: !isNew, shownBy },
        lines: [
          isNew
            ? `the picture of ${plate.sha256} is removed: the next version of a report has the reason in its place`
            : `it was removed already, on ${plate.removed?.at.slice(0, 10)}: ${plate.removed && reasonText(removalReason(plate.removed))}`,
          ...shownLines(shownBy),
          ...(shownBy.length === 0
            ? []
            : [`recall them all: vigie plates recall ${plate.sha256.slice(0, 16)} --reason …`]),
        ],
      }
    },
  }),
  command('plates recall', {
    description: 'recall every archived version that contains the picture',
    takes: {
      hash,
      reason: option('--reason <text>', 'kept with each version').filled().needed(),
      by: author('author, kept in the history'),
    },
    run: async ({ hash, reason, by }, context) => {
      const { services } = context
      const { findPlate, recallShowing, versionId } = await import('../../../lambdas/usecases/plates/forget-plate.ts')
      const { receiversOf } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const who = await whoDoes({ by, reason })
      const { sha256 } = await findPlate(hash, services)
      const value: { id: string; receivers: number }[] = []
      const { deliverer } = await import('../deliver.ts')
      const inform = await deliverer(context)
      for (const entry of await recallShowing(sha256, who, services)) {
        const { territory, period, cap, version } = entry
        await inform({ territory, period, cap, version, to: 'recalled' })
        const receivers = await receiversOf(entry, services)
        value.push({ id: versionId(entry), receivers: receivers.length })
      }
      const line = ({ id, receivers }: (typeof value)[number]) =>
        `${id} is recalled; ${plural(receivers, 'reader')} got it, or may have; those still active are informed by mail`
      return { value, lines: value.length === 0 ? ['no version that answers requests holds it'] : value.map(line) }
    },
  }),
]

const showing = async ({ sha256 }: Plate, services: CliContext['services']): Promise<readonly string[]> => {
  const { versionId, versionsShowing } = await import('../../../lambdas/usecases/plates/forget-plate.ts')
  return (await versionsShowing(sha256, services)).map(versionId)
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
  ...(plate.removed
    ? [`removed ${plate.removed.at} by ${plate.removed.by}: ${reasonText(removalReason(plate.removed))}`]
    : []),
]
