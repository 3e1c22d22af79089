/** `vigie archive copy`. */
import { InvalidArgumentError } from 'commander'
import { pushAll } from '../../../lambdas/domain/core/lists.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { usage } from '../arguments.ts'
import { proofAsked } from '../proof.ts'
import { globalsOf, printOutcome } from '../run.ts'
import { bare } from '../table.ts'
import { say } from '../terminal.ts'
import { argument, option } from '../words.ts'

/** One word on standard error after so many versions: a large archive takes a while. */
const wordEvery = 100

/** What a copy does not do where there is an index; a bucket alone has none. */
const indexWords = (to: import('../archive-place.ts').ArchivePlace): readonly string[] => {
  if (to.kind === 'bucket') return []
  const where = to.kind === 'home' ? `--home ${to.folder}` : `--stage ${to.name}`
  return [
    `the index there does not know what came new: vigie archive reindex --key vigie.pem ${where} puts it in, under the key that signed it`,
    'recalls are not in an archive: a recalled version shows as published there until it is recalled again',
  ]
}

export const archiveCopyCommands = [
  bare('archive copy', {
    description: 'copy an archive: each object once, checked by its manifest and read back; run again, it goes on',
    takes: {
      from: argument('<from>', 'home, home:FOLDER, stage:NAME, stage:NAME@REGION or s3://BUCKET'),
      to: argument('<to>', 'the same; what is there already is never replaced'),
      key: option(
        '--key <file...>',
        'public keys in PEM that may have signed, in place of the one that signs where it is copied from',
      ),
    },
    act: async ({ from, to, key }, self) => {
      const { home } = globalsOf(self)
      if (self.getOptionValueSourceWithGlobals('stage') === 'cli')
        throw new InvalidArgumentError('--stage: leave it out, and say stage:NAME for one of the two')
      const { openArchivePlace, parseArchivePlace } = await import('../archive-place.ts')
      const origin = usage('from', () => parseArchivePlace(from, home))
      const source = await openArchivePlace(origin, { mustBeThere: true })
      const place = usage('to', () => parseArchivePlace(to, home))
      const target = await openArchivePlace(place, { mustBeThere: false })
      if (source.archive.locate('x') === target.archive.locate('x'))
        throw new InvalidArgumentError(`to: ${to} is where it is copied from`)
      const { keys } = await proofAsked({ key })
      const own = keys ? undefined : await source.key()
      const trusted = keys ?? (own ? [own] : [])
      const { copyArchive } = await import('../../../lambdas/usecases/archive/copy-archive.ts')
      const total = { folders: 0, copied: 0, there: 0, bytes: 0 }
      const problems: { readonly file: string; readonly message: string }[] = []
      try {
        for await (const one of copyArchive(source.archive, target.archive, trusted)) {
          total.folders += 1
          total.copied += one.copied
          total.there += one.there
          total.bytes += one.bytes
          pushAll(problems, one.problems)
          if (total.folders % wordEvery === 0) say(`${total.folders} versions, up to ${one.folder}`)
        }
        for await (const file of source.archive.strays())
          problems.push({ file, message: 'is no object of the archive, and was not copied' })
      } finally {
        source.close()
        target.close()
      }
      const { folders: versions, copied, there, bytes } = total
      printOutcome('archive copy', self, {
        ok: problems.length === 0,
        value: { versions, copied, there, bytes, problems, signaturesChecked: trusted.length > 0 },
        lines: [
          ...problems.map(({ file, message }) => `${file} ${message}`),
          ...(trusted.length === 0 ? ['signatures were not checked: name a public key by --key'] : []),
          `${plural(versions, 'version')}: ${plural(copied, 'object')} copied, ${there} there already, ${plural(problems.length, 'problem')}`,
          ...(copied > 0 ? indexWords(place) : []),
        ],
      })
    },
  }),
]
