/** jsreport as a process of its own: opened by a first message, then HTML in and PDF out. */
import chromePdf from '@jsreport/jsreport-chrome-pdf'
import jsreportCore from '@jsreport/jsreport-core'

let reporter

const open = async ({ strategy, launchOptions, folder }) => {
  reporter = jsreportCore({
    discover: false,
    loadConfig: false,
    rootDirectory: folder,
    tempDirectory: folder,
    logger: { silent: true },
    reportTimeout: 120_000,
    trustUserCode: true,
    chrome: { strategy, numberOfWorkers: 1, launchOptions },
  })
  reporter.use(chromePdf())
  await reporter.init()
}

const print = async ({ html }) => {
  const { content } = await reporter.render({
    template: {
      content: html,
      engine: 'none',
      recipe: 'chrome-pdf',
      chrome: { format: 'A4', preferCSSPageSize: true, printBackground: true, tagged: true, outline: true },
    },
  })
  return new Uint8Array(content)
}

const close = async () => {
  await reporter?.close()
  reporter = undefined
}

const commands = { open, print, close }

// Whoever asked is gone: no browser is left behind.
process.on('disconnect', close)

process.on('message', async (message) => {
  try {
    const pdf = await commands[message.what](message)
    process.send({ pdf })
  } catch (error) {
    process.send({ failed: error instanceof Error ? error.stack : String(error) })
  }
  if (message.what === 'close') process.disconnect()
})
