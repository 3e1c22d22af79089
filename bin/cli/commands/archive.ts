/** `vigie archive`. */
import { type Command, InvalidArgumentError } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { editionAsked, notEmpty, subjectAsked, usage } from '../arguments.ts'
import { type ProofWords, proofAsked } from '../proof.ts'
import { run } from '../run.ts'
import { byWhom } from '../terminal.ts'
import { archiveCopyCommand } from './archive-copy.ts'

export const archiveCommands = (vigie: Command): void => {
  const archive = vigie.command('archive').description('the reports that stand')
  listCommand(archive)
  recallCommand(archive)
  verifyCommand(archive)
  reindexCommand(archive)
  archiveCopyCommand(archive)
  keyCommand(archive)
}

const listCommand = (archive: Command): void => {
  archive
    .command('list')
    .description('every version of every report')
    .option('--territory <code>', 'of one territory')
    .option('--period <period>', 'of one period')
    .action(async (options: { territory?: string; period?: string }, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
      const { territory, period } = options
      const filter = {
        ...(territory !== undefined && { territory: await subjectAsked('--territory', territory) }),
        ...(period !== undefined && { period: usage('--period', () => parsePeriod(period).id) }),
      }
      await run('archive list', command, async ({ services }) => {
        const { archiveKey, editionOf, manifestName, reportId } =
          await import('../../../lambdas/domain/report/manifest.ts')
        const { plainTable } = await import('../tables.ts')
        const versions = await Array.fromAsync(services.reports.all(filter), (entry) => {
          const {
            territory,
            period,
            cap,
            version,
            state,
            asOf,
            reconstructed,
            snapshotSha256,
            published,
            held,
            reason,
          } = entry
          const { recalled } = entry
          const edition = editionOf(entry)
          return {
            ...{ id: reportId(edition, version), territory, period, cap, version, state, asOf, reconstructed },
            ...{ snapshotSha256, reason, recalled, ...(published ?? held) },
            manifest: services.archive.locate(archiveKey(edition, version, manifestName)),
          }
        })
        return {
          value: versions,
          lines:
            versions.length === 0
              ? ['none']
              : plainTable(
                  ['Report', 'State', 'As of', 'Detections', 'Manifest'],
                  versions.map(({ id, state, recalled, reason, asOf, totals, manifest }) => [
                    id,
                    recalled ? `recalled: ${recalled.reason}` : state === 'held' ? `held: ${reason}` : state,
                    asOf,
                    String(totals?.detections ?? ''),
                    manifest,
                  ]),
                ),
        }
      })
    })
}

const recallCommand = (archive: Command): void => {
  archive
    .command('recall')
    .description('take a version back: it stays in the archive, and answers no request any more')
    .argument('<territory>')
    .argument('<period>')
    .argument('<version>', 'its number')
    .requiredOption('--reason <text>', 'kept with the version', notEmpty('--reason'))
    .option('--by <name>', 'who recalls it: the history keeps it; else whoever uses this machine')
    .option('--cap <tlp>', 'the edition', 'AMBER')
    .action(
      async (
        territory: string,
        period: string,
        version: string,
        options: { reason: string; by?: string; cap: string },
        command: Command,
      ) => {
        const edition = await editionAsked(territory, period, options.cap)
        if (!/^v?\d{1,4}$/.test(version)) throw new InvalidArgumentError(`version: ${version} is no number, such as 2`)
        const number = Number(version.replace('v', ''))
        await run('archive recall', command, async ({ services }) => {
          const { recallVersion } = await import('../../../lambdas/usecases/delivery/recall-version.ts')
          const { reportId } = await import('../../../lambdas/domain/report/manifest.ts')
          const { receiversOf } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
          const { operator } = await import('../ingest-files.ts')
          const { reason, by = operator.name } = options
          const { entry, isNew } = await recallVersion({ edition, version: number, reason, by }, services)
          const id = reportId(edition, number)
          const { whoRecalled } = await import('../../../lambdas/usecases/todo/who-was-faster.ts')
          const { everything } = await import('../../../lambdas/domain/access/caller.ts')
          const faster = isNew ? undefined : (await whoRecalled(edition, number, everything, services))?.by
          const { territory: code, period: of, cap } = edition
          const receivers = await receiversOf({ territory: code, period: of.id, cap, version: number }, services)
          const receivedBy = receivers.map(({ id: delivery, recipient, address, state }) => ({
            delivery,
            recipient,
            address,
            state,
          }))
          return {
            value: { id, recalled: entry.recalled, already: !isNew, receivedBy },
            lines: [
              isNew
                ? `${id} is recalled: the next request makes a new version`
                : `${id} was recalled already${byWhom(faster)}`,
              ...(receivedBy.length === 0
                ? ['it was delivered to nobody']
                : [
                    'it was delivered, or may have been, to those below; the links in their mails open nothing any more:',
                    ...receivedBy.map(({ address, recipient, state }) => `  ${address ?? recipient} (${state})`),
                  ]),
            ],
          }
        })
      },
    )
}

const verifyCommand = (archive: Command): void => {
  archive
    .command('verify')
    .description('check every hash of every manifest, their signatures, and the chain of versions')
    .option('--key <file...>', 'public keys in PEM that may have signed, in place of the one that signs now')
    .option('--allow-unsigned', 'pass over versions that were made before manifests were signed')
    .option('--recount', 'count every period again whose figures are kept for later reports')
    .action(async (options: ProofWords & { recount?: boolean }, command: Command) =>
      run('archive verify', command, async ({ services }) => {
        const { verifyArchive } = await import('../../../lambdas/usecases/archive/verify-archive.ts')
        const { recountSummaries, summaryName } =
          await import('../../../lambdas/usecases/reports/reading/recount-summaries.ts')
        const verified = await verifyArchive(services, await proofAsked(options))
        const recount = options.recount ? await recountSummaries(services) : undefined
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
            ...(unsigned > 0 && options.allowUnsigned ? [`${plural(unsigned, 'version')} without a signature`] : []),
            ...(recount ? [`${plural(recount.compared, 'summary', 'summaries')} counted again`] : []),
            `${plural(versions, 'version')} with ${plural(files, 'file')}: ${problems.length === 0 ? 'all as archived and signed' : plural(problems.length, 'problem')}`,
          ],
        }
      }),
    )
}

const reindexCommand = (archive: Command): void => {
  archive
    .command('reindex')
    .description(
      'put what signed manifests prove back into the index, where the table is gone or older than the archive',
    )
    .option('--key <file...>', 'public keys in PEM that may have signed, in place of the one that signs now')
    .option('--allow-unsigned', 'take versions that were made before manifests were signed')
    .action(async (options: ProofWords, command: Command) =>
      run('archive reindex', command, async ({ services }) => {
        const { reindexArchive } = await import('../../../lambdas/usecases/archive/reindex-archive.ts')
        const versions = await Array.fromAsync(reindexArchive(services, await proofAsked(options)))
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
      }),
    )
}

const keyCommand = (archive: Command): void => {
  archive
    .command('key')
    .description('print the public key that proves the archive’s signatures: keep it elsewhere')
    .action(async (_options: object, command: Command) =>
      run('archive key', command, async ({ services }) => {
        const { pem, fingerprint } = await services.signer.publicKey()
        return { value: { fingerprint, pem }, lines: pem.trimEnd().split('\n') }
      }),
    )
}

/** No manifest tells of these. */
const notRebuilt = [
  'recalls: recall again what was recalled (vigie archive recall)',
  'deliveries, recipients and notes: who got what is not known any more',
  'schedules: pause again what was paused (vigie schedules)',
  'detections: take them in again before you ask for a report, or its next version is without them',
] as const
