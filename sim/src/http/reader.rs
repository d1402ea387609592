//! Reading requests off a connection: HTTP/1.1 with lengths, chunks and `Expect: 100-continue`.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::request::Request;

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 4 * 1024 * 1024;
const HEADER_LIMIT: usize = 128;

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The connection ended.
    Closed,
    /// What came is no HTTP.
    Malformed,
    HeadTooLarge,
    BodyTooLarge,
}

/// A connection with what was read of it and not used yet.
pub(crate) struct Reader<S> {
    pub(crate) stream: S,
    pub(crate) buffer: Vec<u8>,
}

/// The length of a body.
enum Length {
    Bytes(usize),
    Chunked,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Reader<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Reads more into the buffer.
    pub(crate) async fn fill(&mut self) -> Result<(), ReadError> {
        let mut chunk = [0; 8192];
        match self.stream.read(&mut chunk).await {
            Ok(0) | Err(_) => Err(ReadError::Closed),
            Ok(n) => {
                self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default());
                Ok(())
            }
        }
    }

    pub(crate) async fn request(&mut self, scheme: &str) -> Result<Request, ReadError> {
        let (mut request, length) = loop {
            if let Some((used, request, length)) = parse_head(&self.buffer, scheme)? {
                self.buffer.drain(..used);
                break (request, length);
            }
            if self.buffer.len() > HEAD_LIMIT {
                return Err(ReadError::HeadTooLarge);
            }
            self.fill().await?;
        };
        if matches!(length, Length::Bytes(n) if n > BODY_LIMIT) {
            return Err(ReadError::BodyTooLarge);
        }
        let waits = request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
        let has_body = !matches!(length, Length::Bytes(0));
        if waits && has_body && self.buffer.is_empty() {
            let go_on = self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
            go_on.map_err(|_| ReadError::Closed)?;
            self.stream.flush().await.map_err(|_| ReadError::Closed)?;
        }
        request.body = match length {
            Length::Bytes(n) => self.take(n).await?,
            Length::Chunked => self.chunks().await?,
        };
        Ok(request)
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, ReadError> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn line(&mut self) -> Result<String, ReadError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim().to_owned());
            }
            if self.buffer.len() > HEAD_LIMIT {
                return Err(ReadError::Malformed);
            }
            self.fill().await?;
        }
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| ReadError::Malformed)?;
            if size > BODY_LIMIT || body.len() + size > BODY_LIMIT {
                return Err(ReadError::BodyTooLarge);
            }
            if size == 0 {
                // Trailers, up to the empty line.
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.take(size).await?);
            self.line().await?;
        }
    }
}

/// The head of a request when it is there whole: how long it is, what it says, what follows it.
fn parse_head(buffer: &[u8], scheme: &str) -> Result<Option<(usize, Request, Length)>, ReadError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADER_LIMIT];
    let mut head = httparse::Request::new(&mut headers);
    let used = match head.parse(buffer) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(ReadError::Malformed),
    };
    let (Some(method), Some(target)) = (head.method, head.path) else {
        return Err(ReadError::Malformed);
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = head.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
    let mut request = Request::new(method, target, headers, scheme);
    let connection = request.header("connection").unwrap_or_default().to_ascii_lowercase();
    request.keep_alive = if head.version == Some(0) {
        connection.contains("keep-alive")
    } else {
        !connection.contains("close")
    };
    let chunked =
        request.header("transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked"));
    let length = match request.header("content-length").map(str::trim) {
        _ if chunked => Length::Chunked,
        None | Some("") => Length::Bytes(0),
        Some(number) => Length::Bytes(number.parse().map_err(|_| ReadError::Malformed)?),
    };
    Ok(Some((used, request, length)))
}
