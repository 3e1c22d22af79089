#!/usr/bin/env node
/** The command line: words in, one use case called, its value printed. Commands load what they need when they run. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import program from '../package.json' with { type: 'json' }

type MadeReport = import('../lambdas/generate-report.ts').MadeReport

type Globals = { readonly home: string; readonly json: boolean; readonly templates?: string }

/** What a command came to: a value for machines, lines for people, and whether anything was rejected or failed. */
type Outcome = { readonly value: unknown; readonly lines: readonly string[]; readonly ok?: boolean }

const vigie = new Command('vigie')
  .description('Periodic threat reports on foreign information manipulation, one for each territory.')
  .version(program.version)
  .option('--home <folder>', 'where the store and the archive live', process.env.VIGIE_HOME || '.vigie')
  .option(
    '--templates <folder>',
    'page templates of your own, laid out as templates/ is; what is not there is built in',
  )
  .option('--json', 'print one JSON value on standard output and nothing else there', false)
  .helpCommand(false)
  .showHelpAfterError('(vigie --help lists the commands, vigie COMMAND --help tells what one takes)')
  .exitOverride()
  .addHelpText(
    'after',
    `
A territory is NC, PF, WF, GP, MQ, GF, BL, MF, PM, RE, YT, TF or COR, or its ISO 3166-2 code.
A period is 2024-W20, 2024-05, 2024-Q2, 2024 or 2024-05-13--2024-05-19, in the territory's own days.
Exit code: 0 done, 1 something was rejected or failed (what could be done is done), 2 wrong usage.

Begin with:
  vigie demo                       sample detections, and the reports of one week
  vigie ingest detections.ndjson   your own
  vigie weekly                     the last complete week of every territory`,
  )

vigie
  .command('demo')
  .description('load the sample detections and make the weekly reports of 2024-W20')
  .action(async (_options: object, command: Command) =>
    run(command, async (laptop, folder) => {
      const { ingestFiles, story, weekly } = await import('../lambdas/local/commands.ts')
      const { reportsTable, reportOutput } = await import('../lambdas/local/outputs.ts')
      say(`The store and the archive are in ${folder}`)
      const ingested = await ingestFiles({ files: [story.file], format: 'ndjson' }, laptop)
      say(ingestLine(ingested))
      const { reports, failed } = await weekly({ week: story.week, cap: 'TLP:AMBER' }, laptop)
      const { archive } = laptop.services
      return {
        ok: failed.length + ingested.rejected + ingested.failed.length === 0,
        value: { ingested, reports: reports.map((made) => reportOutput(made, archive)), failed },
        lines: [
          reportsTable(reports, archive),
          '',
          'The reports stand there as HTML too, and in English. How to go on:',
          '  npx vigie report MQ 2024-W41        eleven videos in Martinique',
          '  npx vigie report COR 2024-02        a conference known to the month',
          '  npx vigie ingest FILE               your own detections (docs/detection.schema.json)',
          '  npx vigie weekly                    the last complete week, every territory',
          '  npx vigie archive verify            that nothing archived has changed',
          ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
        ],
      }
    }),
  )

vigie
  .command('ingest')
  .description('store detections: Vigie’s own NDJSON, or a STIX 2.1 bundle')
  .argument('<file...>', 'files to read; - is standard input')
  .addOption(
    new Option('--format <format>', 'by content where it is left out')
      .choices(['auto', 'ndjson', 'stix'])
      .default('auto'),
  )
  .option(
    '--territory <code...>',
    'where detections belong that do not say it themselves: codes or groups (overseas, antilles, pacific, indian-ocean)',
  )
  .option(
    '--observed <period|from..to>',
    'when detections were observed that do not say it themselves: 2024-W20, 2024-02, 2023-07..2024-10, 2024-05-15..2024-05-16',
  )
  .addHelpText(
    'after',
    '\nEvery record is accepted, revised, a duplicate, unplaced or rejected; these add up to those read.\nRejects and unplaced detections are kept: see vigie rejects list and vigie unplaced list.',
  )
  .action(
    async (
      files: string[],
      options: { format: 'auto' | 'ndjson' | 'stix'; territory?: string[]; observed?: string },
      command: Command,
    ) => {
      const { parseObserved } = await import('../lambdas/domain/observed.ts')
      const observed =
        options.observed === undefined ? undefined : usage('--observed', () => parseObserved(options.observed ?? ''))
      const territories = options.territory && (await codesOf('--territory', options.territory))
      await run(command, async (laptop) => {
        const { ingestFiles } = await import('../lambdas/local/commands.ts')
        const result = await ingestFiles({ files, format: options.format, territories, observed }, laptop)
        for (const { file, message } of result.failed) say(`${file}: ${message}`)
        return {
          ok: result.rejected + result.failed.length === 0,
          value: result,
          lines: [
            ingestLine(result),
            ...Object.entries(result.unused).map(([type, count]) => `  not used by any detection: ${count} × ${type}`),
            ...Object.entries(result.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
            ...result.rejects.map(
              ({ file, line, id, path, message }) =>
                `  rejected: ${[file, line, id].filter((part) => part !== null).join(':')} ${[path, message].filter(Boolean).join(' ')}`,
            ),
          ],
        }
      })
    },
  )

vigie
  .command('withdraw')
  .description('keep a detection out of every later report; the earlier ones stay as they are')
  .argument('<id>', 'of the detection')
  .requiredOption('--reason <text>', 'kept with the withdrawal')
  .action(async (id: string, options: { reason: string }, command: Command) =>
    run(command, async ({ services }) => {
      const withdrawn = await services.detections.withdraw(id, options.reason, services.clock())
      return {
        value: { id, withdrawn: true, already: !withdrawn },
        lines: [withdrawn ? `${id} is withdrawn` : `${id} was withdrawn already`],
      }
    }),
  )

const unplaced = vigie.command('unplaced').description('detections without a territory')
unplaced
  .command('list')
  .description('those that wait for a place')
  .action(async (_options: object, command: Command) =>
    run(command, async ({ services }) => {
      const { textIn } = await import('../lambdas/domain/detection.ts')
      const found = await Array.fromAsync(services.detections.unplaced(), ({ detection, storedAt }) => ({
        id: detection.id,
        title: textIn(detection.title, 'en').text,
        observed: detection.observed,
        detector: detection.detector.name,
        storedAt,
      }))
      return {
        value: found,
        lines:
          found.length === 0 ? ['none'] : found.map(({ id, title, observed }) => `${id}  ${observed.from}  ${title}`),
      }
    }),
  )
unplaced
  .command('place')
  .description('say where a detection belongs')
  .argument('<id>', 'of the detection')
  .argument('<territory...>', 'codes or groups')
  .option('--by <name>', 'who says so')
  .action(async (id: string, written: string[], options: { by?: string }, command: Command) => {
    const territories = await codesOf('territory', written)
    await run(command, async ({ services }) => {
      const places = territories.map((code) => ({ code, method: 'analyst' as const, by: options.by }))
      await services.detections.place(id, places, services.clock())
      return { value: { id, territories }, lines: [`${id} is placed in ${territories.join(', ')}`] }
    })
  })

const rejects = vigie.command('rejects').description('records that could not be stored')
rejects
  .command('list')
  .description('which, where from and why')
  .action(async (_options: object, command: Command) =>
    run(command, async ({ services }) => {
      const kept = await Array.fromAsync(services.rejects.all(), ({ raw: _, ...reject }) => reject)
      return {
        value: kept,
        lines:
          kept.length === 0
            ? ['none']
            : kept.map(
                ({ file, line, id, path, message }) =>
                  `${[file, line, id].filter((part) => part !== undefined).join(':')}  ${[path, message].filter(Boolean).join(' ')}`,
              ),
      }
    }),
  )
rejects
  .command('export')
  .description('the records themselves with their reasons, one JSON object a line, to be mended and ingested again')
  .action(async (_options: object, command: Command) =>
    run(command, async ({ services }) => {
      const kept = await Array.fromAsync(services.rejects.all())
      return { value: kept, lines: kept.map((reject) => JSON.stringify(reject)) }
    }),
  )

vigie
  .command('report')
  .description('make the report of a territory for a period, or find the one that says the same')
  .argument('<territory>')
  .argument('<period>')
  .option('--cap <tlp>', 'the edition: nothing marked above it is shown', 'AMBER')
  .option('--as-of <instant>', 'on the data stored by then, such as 2024-05-20T06:30:00+11:00')
  .action(async (territory: string, period: string, options: { cap: string; asOf?: string }, command: Command) => {
    const request = {
      ...(await editionAsked(territory, period, options.cap)),
      asOf: options.asOf === undefined ? undefined : await instantOf('--as-of', options.asOf),
    }
    await run(command, async ({ services }) => {
      const { generateReport } = await import('../lambdas/generate-report.ts')
      const { reportLine, reportOutput } = await import('../lambdas/local/outputs.ts')
      const made = await generateReport(request, services)
      const value = reportOutput(made, services.archive)
      return { value, lines: [reportLine(made), ...value.files.map(({ path }) => `  ${path}`)] }
    })
  })

vigie
  .command('weekly')
  .description('make the weekly report of every territory')
  .argument('[week]', 'such as 2024-W20; the last complete week of each territory’s own zone where it is left out')
  .option('--cap <tlp>', 'the edition: nothing marked above it is shown', 'AMBER')
  .action(async (written: string | undefined, options: { cap: string }, command: Command) => {
    const { parsePeriod } = await import('../lambdas/domain/period.ts')
    const { parseMarking } = await import('../lambdas/domain/marking.ts')
    const cap = usage('--cap', () => parseMarking(options.cap))
    const week = written === undefined ? undefined : usage('week', () => parsePeriod(written))
    if (week && week.cadence !== 'week')
      throw new InvalidArgumentError(`week: ${written} is no week: write it like 2024-W20`)
    await run(command, async (laptop) => {
      const { weekly } = await import('../lambdas/local/commands.ts')
      const { reportOutput, reportsTable } = await import('../lambdas/local/outputs.ts')
      const { reports, reissued, failed } = await weekly({ week, cap }, laptop)
      const { archive } = laptop.services
      const output = (made: MadeReport) => reportOutput(made, archive)
      return {
        ok: failed.length === 0,
        value: { reports: reports.map(output), reissued: reissued.map(output), failed },
        lines: [
          reportsTable(reports, archive),
          ...(reissued.length > 0
            ? ['', 'Made again, since late data changed their figures:', reportsTable(reissued, archive)]
            : []),
          ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
        ],
      }
    })
  })

const note = vigie.command('note').description('analysts’ notes, which open a report')
note
  .command('add')
  .description('an assessment of a territory and period, signed, in a safe subset of Markdown')
  .argument('<territory>')
  .argument('<period>')
  .requiredOption('--author <name>', 'who writes')
  .requiredOption('--role <role>', 'in which role')
  .addOption(new Option('--lang <language>', 'the note’s language').choices(['fr', 'en']).makeOptionMandatory())
  .option('--marking <tlp>', 'of the note', 'AMBER')
  .requiredOption('--file <file>', 'the text; - is standard input')
  .option('--approve', 'the author approves the report for delivery', false)
  .action(async (territory: string, period: string, options: NoteOptions, command: Command) => {
    const { parseTerritory } = await import('../lambdas/domain/territory.ts')
    const { parsePeriod } = await import('../lambdas/domain/period.ts')
    const { parseMarking } = await import('../lambdas/domain/marking.ts')
    const about = {
      territory: usage('territory', () => parseTerritory(territory).code),
      period: usage('period', () => parsePeriod(period).id),
      marking: usage('--marking', () => parseMarking(options.marking)),
    }
    await run(command, async (laptop) => {
      const { addNote } = await import('../lambdas/local/commands.ts')
      const { text: _, ...added } = await addNote({ ...options, ...about }, laptop)
      return { value: added, lines: [`noted about ${added.territory} ${added.period}: the next report opens with it`] }
    })
  })
note
  .command('list')
  .description('the notes about a territory and period')
  .argument('<territory>')
  .argument('<period>')
  .action(async (territory: string, period: string, _options: object, command: Command) => {
    const { parseTerritory } = await import('../lambdas/domain/territory.ts')
    const { parsePeriod } = await import('../lambdas/domain/period.ts')
    const code = usage('territory', () => parseTerritory(territory).code)
    const { id } = usage('period', () => parsePeriod(period))
    await run(command, async ({ services }) => {
      const notes = await services.notes.about(code, id)
      return {
        value: notes,
        lines:
          notes.length === 0
            ? ['none']
            : notes.map(({ writtenAt, author, role, marking, approves }) =>
                [writtenAt, `${author}, ${role}`, marking, approves ? 'approves' : ''].join('  '),
              ),
      }
    })
  })

const taxonomy = vigie.command('taxonomy').description('the version of DISARM by which reports count techniques')
taxonomy
  .command('import')
  .description('take in the official DISARM bundle; reports made from then on use it')
  .argument('<file>', 'DISARM’s STIX 2.1 bundle')
  .option('--crosswalk <csv>', 'successors of removed ids: old_id, documented_successor')
  .option(
    '--names <csv...>',
    'translations (tactic_id or id, name_fr), or phases and ranks (disarm_id, phase_id, rank)',
  )
  .option('--release <version>', 'such as 1.6, where the file’s name does not end with it')
  .action(async (file: string, options: { crosswalk?: string; names?: string[]; release?: string }, command: Command) =>
    run(command, async (laptop) => {
      const { importTaxonomyFiles } = await import('../lambdas/local/commands.ts')
      const { taxonomyLines } = await import('../lambdas/local/outputs.ts')
      const imported = await importTaxonomyFiles({ file, ...options }, laptop)
      return {
        value: imported,
        lines: [
          ...taxonomyLines(imported),
          ...Object.entries(imported.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
          ...(imported.isNew ? [] : ['it counted already: nothing is new']),
        ],
      }
    }),
  )
taxonomy
  .command('show')
  .description('which one counts, with its tactics by rank and its removed ids')
  .action(async (_options: object, command: Command) =>
    run(command, async ({ services }) => {
      const { currentTaxonomy } = await import('../lambdas/import-taxonomy.ts')
      const { taxonomyLines, tacticsTable } = await import('../lambdas/local/outputs.ts')
      const { taxonomy: current, summary } = await currentTaxonomy(services)
      return {
        value: { ...summary, taxonomy: current },
        lines: [...taxonomyLines(summary), '', tacticsTable(current)],
      }
    }),
  )

vigie
  .command('preview')
  .description(
    'serve a report on loopback, made anew while templates, styles, messages or the house’s vigie.json change',
  )
  .argument('<territory>')
  .argument('<period>')
  .option('--cap <tlp>', 'the edition', 'AMBER')
  .option('--port <number>', 'to listen on; a free one where it is left out', '0')
  .action(async (territory: string, period: string, options: { cap: string; port: string }, command: Command) => {
    if (!/^\d{1,5}$/.test(options.port)) throw new InvalidArgumentError(`--port: ${options.port} is no port`)
    const request = await editionAsked(territory, period, options.cap)
    const { templates } = command.optsWithGlobals<Globals>()
    await run(command, async (laptop) => {
      const { preview } = await import('../lambdas/local/preview.ts')
      const served = await preview(request, { port: Number(options.port), templates }, laptop)
      say(`${served.url} shows ${request.territory} ${request.period.id}, in French and English; Ctrl-C ends it`)
      await served.ended
      return { value: { url: served.url }, lines: [] }
    })
  })

const archive = vigie.command('archive').description('the reports that stand')
archive
  .command('list')
  .description('every version of every report')
  .option('--territory <code>', 'of one territory')
  .option('--period <period>', 'of one period')
  .action(async (options: { territory?: string; period?: string }, command: Command) => {
    const { parseTerritory } = await import('../lambdas/domain/territory.ts')
    const { parsePeriod } = await import('../lambdas/domain/period.ts')
    const { territory, period } = options
    const filter = {
      ...(territory !== undefined && { territory: usage('--territory', () => parseTerritory(territory).code) }),
      ...(period !== undefined && { period: usage('--period', () => parsePeriod(period).id) }),
    }
    await run(command, async ({ services }) => {
      const { editionOf } = await import('../lambdas/generate-report.ts')
      const { archiveKey, manifestName, reportId } = await import('../lambdas/domain/manifest.ts')
      const { plainTable } = await import('../lambdas/local/outputs.ts')
      const versions = await Array.fromAsync(services.reports.all(filter), (entry) => {
        const { territory, period, cap, version, state, asOf, reconstructed, snapshotSha256, published, held, reason } =
          entry
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
        lines: [
          plainTable(
            ['Report', 'State', 'As of', 'Detections', 'Manifest'],
            versions.map(({ id, state, recalled, reason, asOf, totals, manifest }) => [
              id,
              recalled ? `recalled: ${recalled.reason}` : state === 'held' ? `held: ${reason}` : state,
              asOf,
              String(totals?.detections ?? ''),
              manifest,
            ]),
          ),
        ],
      }
    })
  })
archive
  .command('recall')
  .description('take a version back: it stays in the archive, and answers no request any more')
  .argument('<territory>')
  .argument('<period>')
  .argument('<version>', 'its number')
  .requiredOption('--reason <text>', 'kept with the version')
  .option('--cap <tlp>', 'the edition', 'AMBER')
  .action(
    async (
      territory: string,
      period: string,
      version: string,
      options: { reason: string; cap: string },
      command: Command,
    ) => {
      const edition = await editionAsked(territory, period, options.cap)
      if (!/^v?\d{1,4}$/.test(version)) throw new InvalidArgumentError(`version: ${version} is no number, such as 2`)
      const number = Number(version.replace('v', ''))
      await run(command, async ({ services }) => {
        const { recallReport } = await import('../lambdas/recall-report.ts')
        const { reportId } = await import('../lambdas/domain/manifest.ts')
        const { entry, isNew } = await recallReport({ edition, version: number, reason: options.reason }, services)
        const id = reportId(edition, number)
        return {
          // Nothing is delivered yet, so nobody has got it from here.
          value: { id, recalled: entry.recalled, already: !isNew, receivedBy: [] },
          lines: [
            isNew ? `${id} is recalled: the next request makes a new version` : `${id} was recalled already`,
            'it was delivered to nobody',
          ],
        }
      })
    },
  )
archive
  .command('verify')
  .description('check every hash of every manifest, and the chain of versions')
  .action(async (_options: object, command: Command) =>
    run(command, async ({ services }) => {
      const { verifyArchive } = await import('../lambdas/verify-archive.ts')
      const verified = await verifyArchive(services)
      const { versions, files, problems } = verified
      return {
        ok: problems.length === 0,
        value: verified,
        lines: [
          ...problems.map(({ file, message }) => `${file} ${message}`),
          `${versions} versions with ${files} files: ${problems.length === 0 ? 'all as archived' : `${problems.length} problems`}`,
        ],
      }
    }),
  )

type NoteOptions = {
  readonly author: string
  readonly role: string
  readonly lang: 'fr' | 'en'
  readonly marking: string
  readonly file: string
  readonly approve: boolean
}

/** Opens the laptop's services for a command and prints what it comes to. */
const run = async (
  command: Command,
  work: (laptop: import('../lambdas/local/laptop.ts').Laptop, folder: string) => Promise<Outcome>,
): Promise<void> => {
  const { home, json, templates } = command.optsWithGlobals<Globals>()
  const { onLaptop } = await import('../lambdas/local/laptop.ts')
  const { value, lines, ok = true } = await onLaptop({ home, templates }, (laptop) => work(laptop, laptop.folder))
  print(json ? JSON.stringify(value) : lines.join('\n'))
  if (!ok) process.exitCode = 1
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const ingestLine = (tally: {
  read: number
  accepted: number
  revised: number
  duplicates: number
  unplaced: number
  rejected: number
}): string => {
  const { read, accepted, revised, duplicates, unplaced: without, rejected } = tally
  return `${read} detections read: ${accepted} accepted, ${revised} revised, ${duplicates} duplicates, ${without} unplaced, ${rejected} rejected`
}

/** A value of the command line, or wrong usage with the word that is wrong. */
const usage = <Value>(word: string, parse: () => Value): Value => {
  try {
    return parse()
  } catch (error) {
    throw new InvalidArgumentError(`${word}: ${error instanceof Error ? error.message : error}`)
  }
}

/** The edition that three words of the command line name, or wrong usage. */
const editionAsked = async (territory: string, period: string, cap: string) => {
  const { parseTerritory } = await import('../lambdas/domain/territory.ts')
  const { parsePeriod } = await import('../lambdas/domain/period.ts')
  const { parseMarking } = await import('../lambdas/domain/marking.ts')
  return {
    territory: usage('territory', () => parseTerritory(territory).code),
    period: usage('period', () => parsePeriod(period)),
    cap: usage('--cap', () => parseMarking(cap)),
  }
}

const codesOf = async (word: string, written: readonly string[]) => {
  const { knownCodes, membersOf } = await import('../lambdas/domain/territory.ts')
  const codes = written.flatMap((one) => {
    const members = membersOf(one)
    if (!members)
      throw new InvalidArgumentError(
        `${word}: no territory or group ${JSON.stringify(one)}: give ${knownCodes()}, or a group`,
      )
    return members.codes
  })
  return [...new Set(codes)].sort()
}

const instantOf = async (word: string, written: string): Promise<string> => {
  const { observedFrom, precisionOf } = await import('../lambdas/domain/observed.ts')
  const instant = usage(word, () => {
    if (precisionOf(written) !== 'instant')
      throw new Error(`${JSON.stringify(written)} is no instant: write it like 2024-05-20T06:30:00+11:00`)
    return observedFrom(written).from
  })
  if (Date.parse(instant) > Date.now())
    throw new InvalidArgumentError(`${word}: ${written} lies in the future: leave it out for now's data`)
  return instant
}

const fail = (error: unknown): void => {
  const json = process.argv.includes('--json')
  if (error instanceof CommanderError) {
    // Help and version are what was asked for; commander has printed every other message itself, but for our own.
    if (error.exitCode === 0) return
    if (error instanceof InvalidArgumentError) say(`error: ${error.message}`)
    process.exitCode = 2
  } else {
    say(`error: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
  const message = error instanceof Error ? error.message : String(error)
  const said = message === '(outputHelp)' ? 'name one of its commands: see --help' : message
  if (json) print(JSON.stringify({ error: { message: said } }))
}

// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

await vigie.parseAsync().catch(fail)
