"""Calls a backend with the official Python SDK: reads what to do as JSON from standard input, prints what came of it."""

import base64
import json
import sys

import lz4.block
import lz4.frame
import zstandard
from tencentcloud.cls.v20201016 import cls_client, models as cls
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.vpc.v20170312 import models as vpc, vpc_client

asked = json.load(sys.stdin)
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=asked["host"]))
keys = credential.Credential(asked["secretId"], asked["secretKey"])
clients = {
    "cls": (cls_client.ClsClient(keys, "ap-guangzhou", profile), cls),
    "vpc": (vpc_client.VpcClient(keys, "ap-guangzhou", profile), vpc),
}

compressions = {
    "none": ("", lambda body: body),
    "lz4 block": ("lz4", lambda body: lz4.block.compress(body, store_size=False)),
    "lz4 frame": ("lz4", lz4.frame.compress),
    "zstd": ("zstd", lambda body: zstandard.ZstdCompressor().compress(body)),
}


def refusal(error):
    return {"code": error.code, "message": error.message, "requestId": error.requestId}


def call(service, action, parameters):
    client, models = clients[service]
    request = getattr(models, action + "Request")()
    request.from_json_string(json.dumps(parameters))
    try:
        return json.loads(getattr(client, action)(request).to_json_string())
    except TencentCloudSDKException as error:
        return refusal(error)


def upload(topic, compression, body):
    header, compress = compressions[compression]
    request = cls.UploadLogRequest()
    request.TopicId = topic
    request.CompressType = header
    try:
        answer = clients["cls"][0].UploadLog(request, compress(base64.b64decode(body)))
        return {"requestId": answer.RequestId}
    except TencentCloudSDKException as error:
        return refusal(error)


results = [upload(*step["upload"]) if "upload" in step else call(*step["call"]) for step in asked["steps"]]
json.dump(results, sys.stdout)
