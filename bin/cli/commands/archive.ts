/** `vigie archive`. */
import { InvalidArgumentError } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { VersionEntry } from '../../../lambdas/store/reports/reports.ts'
import type { ListedVersion } from '../answers.ts'
import { markingAsked, periodAsked, subjectAsked } from '../arguments.ts'
import type { CliContext } from '../context.ts'
import { proofAsked } from '../proof.ts'
import { command, group, list } from '../table.ts'
import { byWhom } from '../terminal.ts'
import { whoDoes } from '../who.ts'
import { argument, option } from '../words.ts'
import { archiveCopyCommands } from './archive-copy.ts'
import { versionFilter } from './report.ts'

const key = option('--key <file...>', 'public keys in PEM that may have signed, in place of the one that signs now')

export const archiveCommands = [
  group('archive', 'the reports that stand'),
  list('archive list', {
    description: 'every version of every report',
    takes: versionFilter,
    read: (filter, { services }) =>
      Array.fromAsync(services.reports.all(filter), (entry) => listedVersion(entry, services)),
    columns: {
      Report: ({ id }) => id,
      State: ({ state, recalled, reason }) =>
        recalled ? `recalled: ${recalled.reason}` : state === 'held' ? `held: ${reason}` : state,
      'As of': ({ asOf }) => asOf,
      Detections: ({ totals }) => String(totals?.detections ?? ''),
      Manifest: ({ manifest }) => manifest,
    },
  }),
  command('archive recall', {
    description: 'take a version back: it stays in the archive, and answers no request any more',
    takes: {
      territory: argument('<territory>').read(subjectAsked),
      period: argument('<period>').read(periodAsked),
      version: argument('<version>', 'its number').read((_, written) => {
        if (/^v?\d{1,4}$/.test(written)) return Number(written.replace('v', ''))
        throw new InvalidArgumentError(`version: ${written} is no number, such as 2`)
      }),
      reason: option('--reason <text>', 'kept with the version').filled().needed(),
      by: option('--by <name>', 'who recalls it: the history keeps it; else whoever uses this machine'),
      cap: option('--cap <tlp>', 'the edition').or('AMBER').read(markingAsked),
    },
    run: async ({ version, reason, by, ...edition }, { services, caller }) => {
      const { recallVersion } = await import('../../../lambdas/usecases/delivery/recall-version.ts')
      const { reportId } = await import('../../../lambdas/domain/report/manifest.ts')
      const { receiversOf } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const { whoRecalled } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
      const who = await whoDoes({ by, reason })
      const { entry, isNew } = await recallVersion({ edition, version, ...who }, services)
      const id = reportId(edition, version)
      const before = isNew ? undefined : (await whoRecalled(edition, version, caller, services))?.by
      const receivers = await receiversOf({ ...edition, period: edition.period.id, version }, services)
      const receivedBy = receivers.map(({ id: delivery, recipient, address, state }) => {
        return { delivery, recipient, address, state }
      })
      return {
        value: { id, recalled: entry.recalled, already: !isNew, receivedBy },
        lines: [
          isNew
            ? `${id} is recalled: the next request makes a new version`
            : `${id} was recalled already${byWhom(before)}`,
          ...(receivedBy.length === 0
            ? ['it was delivered to nobody']
            : [
                'it was delivered, or may have been, to those below; the links in their mails open nothing any more:',
                ...receivedBy.map(({ address, recipient, state }) => `  ${address ?? recipient} (${state})`),
              ]),
        ],
      }
    },
  }),
  command('archive verify', {
    description: 'check every hash of every manifest, their signatures, and the chain of versions',
    takes: {
      key,
      allowUnsigned: option('--allow-unsigned', 'pass over versions that were made before manifests were signed'),
      recount: option('--recount', 'count every period again whose figures are kept for later reports'),
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
          message: 'said other figures than its detections do: it is taken out, and the next report counts anew',
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
    description:
      'put what signed manifests prove back into the index, where the table is gone or older than the archive',
    takes: {
      key,
      allowUnsigned: option('--allow-unsigned', 'take versions that were made before manifests were signed'),
    },
    run: async (proof, { services }) => {
      const { reindexArchive } = await import('../../../lambdas/usecases/archive/reindex-archive.ts')
      const versions = await Array.fromAsync(reindexArchive(services, await proofAsked(proof)))
      const count = (did: string) => versions.filter((one) => one.did === did).length
      const [indexed, stood, refused] = [count('indexed'), count('stood'), count('refused')]
      return {
        ok: refused === 0,
        value: { indexed, stood, refused, versions, notRebuilt },
        lines: [
          ...versions
            .filter(({ did }) => did !== 'stood')
            .map(
              ({ id, did, state, reason }) =>
                `${id} ${did}${state === undefined ? '' : ` as ${state}`}${reason === undefined ? '' : `: ${reason}`}`,
            ),
          `${plural(indexed, 'version')} indexed, ${stood} stood, ${refused} refused`,
          ...(indexed > 0 ? notRebuilt.map((what) => `not rebuilt: ${what}`) : []),
        ],
      }
    },
  }),
  ...archiveCopyCommands,
  command('archive key', {
    description: 'print the public key that proves the archive’s signatures: keep it elsewhere',
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

/** No manifest tells of these. */
const notRebuilt = [
  'recalls: recall again what was recalled (vigie archive recall)',
  'deliveries, recipients and notes: who got what is not known any more',
  'schedules: pause again what was paused (vigie schedules)',
  'detections: take them in again before you ask for a report, or its next version is without them',
] as const
