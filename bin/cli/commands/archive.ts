import { InvalidArgumentError } from 'commander'
import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { pushAll } from '../../../lambdas/domain/core/lists.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { recallText } from '../../../lambdas/domain/report/version.ts'
import type { VersionEntry } from '../../../lambdas/store/reports/reports.ts'
import type { ListedVersion } from '../answers.ts'
import { markingAsked, periodAsked, subjectAsked, usage, whoDoes } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { byWhom, say } from '../output/terminal.ts'
import { globalsOf, printOutcome } from '../run.ts'
import { command, group, list, bare } from '../table.ts'
import { argument, author, option } from '../words.ts'
import { versionFilter } from './report.ts'

const key = option('--key <file...>', 'accepted public keys (PEM) instead of the current one')

/** Versions between progress lines. */
const wordEvery = 100

/** Notes for a target with an index; a bucket has none. */
const indexWords = (to: import('../home/archive-place.ts').ArchivePlace): readonly string[] => {
  if (to.kind === 'bucket') return []
  const where = to.kind === 'home' ? `--home ${to.folder}` : `--stage ${to.name}`
  return [
    `the index there does not know what came new: vigie archive reindex --key vigie.pem ${where} puts it in, under the key that signed it`,
    'recalls are not in an archive: a recalled version shows as published there until it is recalled again',
  ]
}

export const archiveCommands = [
  group('archive', 'the archived reports'),
  list('archive list', {
    description: 'every version of every report',
    takes: versionFilter,
    read: (filter, { services }) =>
      Array.fromAsync(services.reports.all(filter), (entry) => listedVersion(entry, services)),
    columns: {
      Report: ({ id }) => id,
      State: ({ state, recalled, reason }) =>
        recalled ? `recalled: ${recallText(recalled)}` : state === 'held' ? `held: ${reasonText(reason ?? '')}` : state,
      'As of': ({ asOf }) => asOf,
      Detections: ({ totals }) => String(totals?.detections ?? ''),
      Manifest: ({ manifest }) => manifest,
    },
  }),
  command('archive recall', {
    description: 'recall a version: it stays in the archive, is no longer served, and its readers are informed by mail',
    takes: {
      territory: argument('<territory>').read(subjectAsked),
      period: argument('<period>').read(periodAsked),
      version: argument('<version>', 'its number').read((_, written) => {
        if (/^v?\d{1,4}$/.test(written)) return Number(written.replace('v', ''))
        throw new InvalidArgumentError(`version: ${written} is no number, such as 2`)
      }),
      reason: option('--reason <text>', 'kept with the version').filled().needed(),
      by: author('author, kept in the history'),
      cap: option('--cap <tlp>', 'the edition').or('AMBER').read(markingAsked),
    },
    run: async ({ version, reason, by, ...edition }, context) => {
      const { services, caller } = context
      const { recallVersion } = await import('../../../lambdas/usecases/delivery/recall-version.ts')
      const { reportId } = await import('../../../lambdas/domain/report/manifest.ts')
      const { receiversOf } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const { whoRecalled } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
      const who = await whoDoes({ by, reason })
      const { entry, isNew } = await recallVersion({ edition, version, ...who }, services)
      const id = reportId(edition, version)
      const before = isNew ? undefined : (await whoRecalled(edition, version, caller, services))?.by
      const recalled = { ...edition, period: edition.period.id, version }
      const { deliverer } = await import('../deliver.ts')
      const inform = await deliverer(context)
      // Also where it was recalled before: an earlier run may have failed to inform some readers.
      await inform({ ...recalled, to: 'recalled' })
      const receivers = await receiversOf(recalled, services)
      const receivedBy = receivers.map(({ id: delivery, recipient, address, state, recallMailedAt }) => ({
        ...{ delivery, recipient, address, state },
        ...(recallMailedAt !== undefined && { recallMailedAt }),
      }))
      return {
        value: { id, recalled: entry.recalled, already: !isNew, receivedBy },
        lines: [
          isNew
            ? `${id} is recalled: the next request makes a new version`
            : `${id} was recalled already${byWhom(before)}`,
          ...(receivedBy.length === 0
            ? ['it was not delivered']
            : [
                'it was delivered, or may have been, to those below; the links in their mails open nothing any more:',
                ...receivedBy.map(
                  ({ address, recipient, state, recallMailedAt }) =>
                    `  ${address ?? recipient} (${state}${recallMailedAt === undefined ? '' : ', informed by mail'})`,
                ),
                ...(context.stage ? ['they are informed by mail in the next minutes'] : []),
              ]),
        ],
      }
    },
  }),
  command('archive verify', {
    description: 'verify hashes, signatures and the chain of versions',
    takes: {
      key,
      allowUnsigned: option('--allow-unsigned', 'accept versions made before manifests were signed'),
      recount: option('--recount', 'recount every period whose figures are stored for later reports'),
    },
    run: async ({ recount: isCounting, ...proof }, { services }) => {
      const { verifyArchive } = await import('../../../lambdas/usecases/archive/verify-archive.ts')
      const { recountSummaries, summaryName } =
        await import('../../../lambdas/usecases/reports/reading/recount-summaries.ts')
      const verified = await verifyArchive(services, await proofAsked(proof))
      const recount = isCounting ? await recountSummaries(services) : undefined
      const { versions, files, unsigned } = verified
      const problems = [
        ...verified.problems,
        ...(recount?.wrong ?? []).map((edition) => ({
          file: summaryName(edition),
          message: 'has other figures than its detections: it is removed, and the next report counts again',
        })),
      ]
      return {
        ok: problems.length === 0,
        value: { ...verified, ...(recount && { summaries: recount.compared }), problems },
        lines: [
          ...problems.map(({ file, message }) => `${file} ${message}`),
          ...(unsigned > 0 && proof.allowUnsigned ? [`${plural(unsigned, 'version')} without a signature`] : []),
          ...(recount ? [`${plural(recount.compared, 'summary', 'summaries')} counted again`] : []),
          `${plural(versions, 'version')} with ${plural(files, 'file')}: ${problems.length === 0 ? 'all as archived and signed' : plural(problems.length, 'problem')}`,
        ],
      }
    },
  }),
  command('archive reindex', {
    description: 'restore the index from signed manifests after the table was lost or restored',
    takes: {
      key,
      allowUnsigned: option('--allow-unsigned', 'accept versions made before manifests were signed'),
    },
    run: async (proof, { services }) => {
      const { reindexArchive } = await import('../../../lambdas/usecases/archive/reindex-archive.ts')
      const versions = await Array.fromAsync(reindexArchive(services, await proofAsked(proof)))
      const count = (did: string) => versions.filter((one) => one.did === did).length
      const [indexed, unchanged, refused] = [count('indexed'), count('stood'), count('refused')]
      return {
        ok: refused === 0,
        value: { indexed, unchanged, refused, versions, notRebuilt },
        lines: [
          ...versions
            .filter(({ did }) => did !== 'stood')
            .map(
              ({ id, did, state, reason }) =>
                `${id} ${did}${state === undefined ? '' : ` as ${state}`}${reason === undefined ? '' : `: ${reasonText(reason)}`}`,
            ),
          `${plural(indexed, 'version')} indexed, ${unchanged} unchanged, ${refused} refused`,
          ...(indexed > 0 ? notRebuilt.map((what) => `not rebuilt: ${what}`) : []),
        ],
      }
    },
  }),
  bare('archive copy', {
    description: 'copy an archive; each object is checked by its manifest and read back; a second run continues',
    takes: {
      from: argument('<from>', 'home, home:FOLDER, stage:NAME, stage:NAME@REGION or s3://BUCKET'),
      to: argument('<to>', 'the same; what is there already is never replaced'),
      key: option('--key <file...>', 'accepted public keys (PEM) instead of the current one of the source'),
    },
    act: async ({ from, to, key }, self) => {
      const { home } = globalsOf(self)
      if (self.getOptionValueSourceWithGlobals('stage') === 'cli')
        throw new InvalidArgumentError('--stage: leave it out, and give stage:NAME for one of the two')
      const { openArchivePlace, parseArchivePlace } = await import('../home/archive-place.ts')
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
  command('archive key', {
    description: 'print the public key of the archive’s signatures; keep it elsewhere',
    run: async (_, { services }) => {
      const { pem, fingerprint } = await services.signer.publicKey()
      return { value: { fingerprint, pem }, lines: pem.trimEnd().split('\n') }
    },
  }),
]

const listedVersion = async (entry: VersionEntry, { archive }: CliContext['services']): Promise<ListedVersion> => {
  const { archiveKey, editionOf, manifestName, reportId } = await import('../../../lambdas/domain/report/manifest.ts')
  const { territory, period, cap, version, state, asOf, reconstructed, snapshotSha256, ...more } = entry
  const { published, held, reason, recalled } = more
  const edition = editionOf(entry)
  return {
    ...{ id: reportId(edition, version), territory, period, cap, version, state, asOf, reconstructed },
    ...{ snapshotSha256, reason, recalled, ...(published ?? held) },
    manifest: archive.locate(archiveKey(edition, version, manifestName)),
  }
}

/** Data that no manifest contains. */
const notRebuilt = [
  'recalls: recall again what was recalled (vigie archive recall)',
  'deliveries, recipients and notes: who got what is not known any more',
  'schedules: pause again what was paused (vigie schedules)',
  'detections: ingest them again before you ask for a report, or its next version lacks them',
] as const

type ProofWords = { readonly key?: string[] | undefined; readonly allowUnsigned?: boolean }

/** @throws InvalidArgumentError */
const proofAsked = async ({ key, allowUnsigned = false }: ProofWords) => {
  const { publicKeyOf } = await import('../../../lambdas/domain/report/signature.ts')
  const { readFile } = await import('node:fs/promises')
  const read = async (file: string) => {
    const pem = await readFile(file, 'utf8').catch((cause: Error) => cause)
    return usage('--key', () => {
      if (pem instanceof Error) throw pem
      return publicKeyOf(pem, file)
    })
  }
  return { keys: key && (await Promise.all(key.map(read))), allowUnsigned }
}
