/** The stack: for now what must outlive every deployment, the table and the archive. */
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { Archive } from './archive.ts'
import { Table } from './table.ts'

export class VigieStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true })
    const table = new Table(this, 'Table')
    const archive = new Archive(this, 'Archive')
    for (const construct of [table, archive]) construct.applyRemovalPolicy(RemovalPolicy.RETAIN)
    new CfnOutput(this, 'TableName', { value: table.tableName })
    new CfnOutput(this, 'ArchiveBucket', { value: archive.bucketName })
  }
}
