"""Small files on whatever file system a path is on, by Hadoop's own means."""

from __future__ import annotations

import json

from py4j.protocol import Py4JJavaError


class Store:
    """The folder of a corpus that is aligned: its tables, and what is noted beside them."""

    def __init__(self, spark, folder):
        self.spark = spark
        self.folder = folder.rstrip("/")
        self._hadoop = spark._jvm.org.apache.hadoop.fs
        self._files = self._hadoop.Path(self.folder).getFileSystem(spark._jsc.hadoopConfiguration())

    def path(self, name):
        """Where a table or a file of that name is."""
        return f"{self.folder}/{name}"

    def exists(self, name):
        """Whether it is there."""
        return self._files.exists(self._hadoop.Path(self.path(name)))

    def remove(self, name):
        """Removes it, where it is there."""
        self._files.delete(self._hadoop.Path(self.path(name)), True)

    def table(self, name, schema):
        """The table of that name, empty where it is not there."""
        if not self.exists(name):
            return self.spark.createDataFrame([], schema)
        return self.spark.read.schema(schema).parquet(self.path(name))

    def read(self, name):
        """What was noted under that name; none where nothing was."""
        try:
            stream = self._files.open(self._hadoop.Path(self.path(name)))
        except Py4JJavaError as error:
            if "FileNotFoundException" in error.java_exception.getClass().getName():
                return None
            raise
        try:
            return json.loads(bytes(stream.readAllBytes()))
        finally:
            stream.close()

    def write(self, name, value):
        """Notes something: the file is there whole, or as it was."""
        target, partial = (self._hadoop.Path(self.path(it)) for it in (name, f".{name}.partial"))
        stream = self._files.create(partial, True)
        try:
            stream.write(bytearray(json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"))
        finally:
            stream.close()
        self._files.delete(target, False)
        if not self._files.rename(partial, target):
            raise OSError(f"cannot rename {partial.toString()}")
