"""What users do with objects by the clients that Debian has, against a cloud.

    object-clients.py s3       with boto3
    object-clients.py swift    with python-swiftclient

Standard input is JSON: for s3 url, authority (a file), access, secret and region; for swift the options of its
SwiftService. Ends with 1 at the first thing that is not as users expect.
"""

import io
import json
import os
import ssl
import sys
import tempfile
import urllib.error
import urllib.request

MIB = 1024 * 1024


def s3(url, authority, access, secret, region):
    import boto3
    from boto3.s3.transfer import TransferConfig
    from botocore.client import Config
    from botocore.exceptions import ClientError

    def connect(key=secret, where=region):
        config = Config(signature_version='s3v4', s3={'addressing_style': 'path'})
        return boto3.client('s3', endpoint_url=url, verify=authority, region_name=where, config=config,
                            aws_access_key_id=access, aws_secret_access_key=key)

    client = connect()
    bucket = 'bucket-of-boto3'
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key='small', Body=b'small', Metadata={'color': 'blue'})
    found = client.get_object(Bucket=bucket, Key='small')
    expect(found['Body'].read() == b'small' and found['Metadata'] == {'color': 'blue'}, 'a small object')

    # In three parts.
    large = os.urandom(12 * MIB)
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    client.upload_fileobj(io.BytesIO(large), bucket, 'large', Config=parts)
    expect(client.get_object(Bucket=bucket, Key='large')['Body'].read() == large, 'an object of several parts')
    middle = client.get_object(Bucket=bucket, Key='large', Range=f'bytes={5 * MIB - 10}-{5 * MIB + 9}')['Body'].read()
    expect(middle == large[5 * MIB - 10:5 * MIB + 10], 'bytes of two parts')

    for number in range(5):
        client.put_object(Bucket=bucket, Key=f'folder/{number}', Body=b'x')
    pages = client.get_paginator('list_objects_v2').paginate(Bucket=bucket, PaginationConfig={'PageSize': 2})
    names = [one['Key'] for page in pages for one in page.get('Contents', [])]
    expect(names == [*(f'folder/{number}' for number in range(5)), 'large', 'small'], f'a list in pages: {names}')
    folders = client.list_objects_v2(Bucket=bucket, Delimiter='/')['CommonPrefixes']
    expect(folders == [{'Prefix': 'folder/'}], 'a list by folders')

    trusting = ssl.create_default_context(cafile=authority)
    signed = client.generate_presigned_url('get_object', Params={'Bucket': bucket, 'Key': 'small'}, ExpiresIn=60)
    with urllib.request.urlopen(signed, context=trusting) as answer:
        expect(answer.read() == b'small', 'a presigned URL')
    expect(refused(lambda: urllib.request.urlopen(signed.replace('small', 'large'), context=trusting)) == 403,
           'a presigned URL of another object')

    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
    client.put_object(Bucket=bucket, Key='small', Body=b'newer')
    versions = client.list_object_versions(Bucket=bucket, Prefix='small')['Versions']
    oldest = client.get_object(Bucket=bucket, Key='small', VersionId=versions[-1]['VersionId'])['Body'].read()
    expect(len(versions) == 2 and oldest == b'small', 'versions')

    # Who names another region is told the right one.
    other = connect(where='us-east-1')
    expect(other.get_object(Bucket=bucket, Key='small')['Body'].read() == b'newer', 'another region')
    try:
        connect(key='0' * 32).list_buckets()
    except ClientError as problem:
        expect(problem.response['Error']['Code'] == 'SignatureDoesNotMatch', 'a wrong secret')
    else:
        expect(False, 'a wrong secret')


def swift(**options):
    from swiftclient.service import SwiftService, SwiftUploadObject

    content = os.urandom(7 * MIB)
    with SwiftService(options=options) as service, tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        upload = SwiftUploadObject(file.name, object_name='of-segments')
        parts = {'segment_size': 2 * MIB, 'use_slo': True}
        for result in service.upload('container-of-swiftclient', [upload], options=parts):
            expect(result['success'], result.get('error'))
        [result] = service.download('container-of-swiftclient', ['of-segments'], options={'out_file': '/dev/null'})
        expect(result['success'] and result['read_length'] == len(content), result.get('error'))
        [stat] = service.stat('container-of-swiftclient', ['of-segments'])
        expect(stat['headers']['x-static-large-object'].lower() == 'true', 'a static large object')


def refused(ask):
    try:
        ask()
    except urllib.error.HTTPError as problem:
        return problem.code
    return None


def expect(is_so, what):
    if not is_so:
        sys.exit(f'not as expected: {what}')


if __name__ == '__main__':
    {'s3': s3, 'swift': swift}[sys.argv[1]](**json.load(sys.stdin))
