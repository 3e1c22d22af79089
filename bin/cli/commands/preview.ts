/** `vigie preview`. */
import { type Command, InvalidArgumentError } from 'commander'
import { editionAsked } from '../arguments.ts'
import { type Globals, run } from '../run.ts'
import { say } from '../terminal.ts'

export const previewCommand = (vigie: Command): void => {
  vigie
    .command('preview')
    .description(
      'serve a report on loopback, made anew while templates, styles, messages or the organisation’s vigie.json change',
    )
    .argument('<territory>')
    .argument('<period>')
    .option('--cap <tlp>', 'the edition', 'AMBER')
    .option('--port <number>', 'to listen on; a free one where it is left out', '0')
    .action(async (territory: string, period: string, options: { cap: string; port: string }, command: Command) => {
      if (!/^\d{1,5}$/.test(options.port)) throw new InvalidArgumentError(`--port: ${options.port} is no port`)
      const request = await editionAsked(territory, period, options.cap)
      const { templates } = command.optsWithGlobals<Globals>()
      await run('preview', command, async (context) => {
        const { preview } = await import('../preview.ts')
        const served = await preview(request, { port: Number(options.port), templates }, context)
        say(`${served.url} shows ${request.territory} ${request.period.id}, in French and English; Ctrl-C ends it`)
        await served.ended
        return { value: { url: served.url }, lines: [] }
      })
    })
}
